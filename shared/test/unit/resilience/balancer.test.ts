/** The strategies as pure comparisons, with dice that the test holds. */
import { describe, expect, it } from 'vitest';
import { type Candidate, choose } from '../../../src/resilience/balancer.ts';

interface Named extends Candidate {
  readonly name: string;
}

const one = (name: string, given: Partial<Candidate> = {}): Named => ({
  name,
  pending: 0,
  latencyMs: 0,
  chosenAt: 0,
  ...given,
});
const throwing = (...dice: number[]) => {
  const left = [...dice];
  return () => left.shift() ?? 0;
};

it.each([
  [0, 'a'],
  [0.34, 'b'],
  [0.67, 'c'],
  [0.999, 'c'],
])('random: the dice say %d, it is %s, whoever is busy', (dice, name) => {
  const candidates = [one('a', { pending: 9 }), one('b', { chosenAt: 9 }), one('c', { pending: 5 })] as const;
  expect(choose('random', candidates, throwing(dice)).name).toBe(name);
});

it('round-robin: the one that was chosen longest ago, however busy it is', () => {
  const candidates = [
    one('a', { chosenAt: 3 }),
    one('b', { chosenAt: 1, pending: 9, latencyMs: 9 }),
    one('c', { chosenAt: 2 }),
  ] as const;
  expect(choose('round-robin', candidates, throwing()).name).toBe('b');
});

it('least-pending: the one with the fewest calls, and among equals the one chosen longest ago', () => {
  const busy = one('busy', { pending: 2 });
  const [lately, before] = [
    one('lately', { pending: 1, chosenAt: 8 }),
    one('before', { pending: 1, chosenAt: 7 }),
  ];
  expect(choose('least-pending', [busy, lately, before], throwing()).name).toBe('before');
});

describe('latency', () => {
  /** Four that are all fast but the given ones; the dice choose two of them. */
  const four = (slow: Readonly<Record<string, number>>) =>
    ['a', 'b', 'c', 'd'].map((name) => one(name, { latencyMs: slow[name] ?? 1 })) as unknown as [
      Named,
      ...Named[],
    ];

  it('compares two that the dice choose, and takes the faster', () => {
    const pair = [0.75, 0.5];
    expect(choose('latency', four({ d: 100, b: 50 }), throwing(...pair)).name).toBe('b');
    expect(choose('latency', four({ d: 50, b: 100 }), throwing(...pair)).name).toBe('d');
  });

  it('never compares one with itself', () => {
    for (const first of [0, 0.25, 0.5, 0.75]) {
      for (const second of [0, 0.4, 0.99]) {
        const alone = four({})[first * 4] as Named;
        const others = four({ [alone.name]: 100 });
        expect(choose('latency', others, throwing(first, second)).name).not.toBe(alone.name);
      }
    }
  });

  it('counts the calls that a further one would wait for', () => {
    const [fast, slow] = [one('fast', { latencyMs: 10, pending: 3 }), one('slow', { latencyMs: 30 })];
    expect(choose('latency', [fast, slow], throwing(0, 0)).name).toBe('slow');
    expect(choose('latency', [{ ...fast, pending: 1 }, slow], throwing(0, 0)).name).toBe('fast');
  });

  it('takes the one chosen longest ago among equals, and the only one when there is no other', () => {
    const equals = [
      one('lately', { latencyMs: 5, chosenAt: 2 }),
      one('before', { latencyMs: 5, chosenAt: 1 }),
    ];
    expect(choose('latency', equals as [Named, Named], throwing(0, 0)).name).toBe('before');
    expect(choose('latency', [one('alone')], throwing(0.9, 0.9)).name).toBe('alone');
  });
});
