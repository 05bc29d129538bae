/** The verdict of a hypothesis, from made-up pairs. */
import { describe, expect, it } from 'vitest';
import { type ArmValues, judge, toWords } from '../../../experiment/judge.ts';
import type { Hypothesis } from '../../../experiment/plan.ts';
import { createRandom, type Random } from '../../../measure/random.ts';

const half: Hypothesis = {
  ...{ measure: 'failed', of: 'experiment', side: 'atMost', bound: 0.5 },
  from: { how: 'times', arm: 'control' },
};
const quiet = { seed: 1, busy: null };
const clear: ArmValues = { control: [0.4, 0.42, 0.38, 0.41, 0.4], experiment: [0.1, 0.11, 0.1, 0.09, 0.1] };

describe('a hypothesis', () => {
  it.each<[Partial<Hypothesis>, string]>([
    [{}, 'failed share of experiment at most 0.5 × that of control'],
    [{ bound: 1, side: 'atLeast' }, 'failed share of experiment at least that of control'],
    [
      { bound: 0.01, from: { how: 'above', arm: 'control' } },
      'failed share of experiment at most 1 points above that of control',
    ],
    [
      { measure: 'p99Ms', bound: -50, from: { how: 'above', arm: 'control' } },
      'p99 latency of experiment at most 50 ms below that of control',
    ],
    [{ bound: 0.005, from: null }, 'failed share of experiment at most 0.5 %'],
  ])('%j is "%s"', (change, words) => {
    expect(toWords({ ...half, ...change })).toBe(words);
  });

  it('holds where all pairs are well within the bound, and says the numbers', () => {
    const { verdict, sentence } = judge(half, clear, quiet);
    expect(verdict).toBe('better');
    expect(sentence).toMatch(
      /^Held: the failed share of experiment was 10 % against 40.2 % of control; at most 20.1 % was asked, and it lies 10.1 points below \(95 % interval [\d.]+ points to [\d.]+ points\)\.$/,
    );
  });

  it('is broken where they are beyond it', () => {
    const values = { ...clear, experiment: [0.3, 0.31, 0.33, 0.3, 0.29] };
    expect(judge(half, values, quiet)).toMatchObject({
      verdict: 'worse',
      sentence: expect.stringContaining('Broken: the failed share of experiment was 30.6 % against 40.2 %'),
    });
  });

  it('is undecided where they are on both sides', () => {
    const values = { ...clear, experiment: [0.1, 0.3, 0.15, 0.25, 0.2] };
    const { verdict, sentence } = judge(half, values, quiet);
    expect(verdict).toBe('inconclusive');
    expect(sentence).toContain('More repeats decide it.');
  });

  it('bounds from below as it does from above', () => {
    const atLeast: Hypothesis = { ...half, side: 'atLeast' };
    expect(judge(atLeast, clear, quiet).verdict).toBe('worse');
    expect(judge({ ...atLeast, bound: 0.1 }, clear, quiet).verdict).toBe('better');
  });

  it('may be a number or a distance', () => {
    expect(judge({ ...half, from: null, bound: 0.2 }, clear, quiet).verdict).toBe('better');
    const above: Hypothesis = { ...half, from: { how: 'above', arm: 'control' }, bound: -0.2 };
    expect(judge(above, clear, quiet).verdict).toBe('better');
    expect(judge({ ...above, bound: -0.4 }, clear, quiet).verdict).toBe('worse');
  });
});

describe('nothing is decided', () => {
  it('by two repeats', () => {
    const two = { control: [0.4, 0.4], experiment: [0.1, 0.1] };
    expect(judge(half, two, quiet).sentence).toBe(
      'Undecided: 2 of at least 3 repeats, and fewer say nothing.',
    );
  });

  it('where nothing was measured', () => {
    const values = { ...clear, experiment: [0.1, null, 0.1, 0.1, 0.1] };
    expect(judge(half, values, quiet).sentence).toBe(
      'Undecided: in 1 of 5 repeats there was no failed share to measure.',
    );
  });

  it('where neither arm has any of what one shall have less of', () => {
    const nought = { control: [0, 0, 0], experiment: [0, 0, 0] };
    expect(judge(half, nought, quiet).sentence).toContain('is 0 in every repeat');
    expect(judge({ ...half, bound: 1 }, nought, quiet).verdict).toBe('better');
  });

  it('on a machine that is too busy', () => {
    const busy = 'This machine is too busy.';
    expect(judge(half, clear, { seed: 1, busy })).toMatchObject({
      ...{ verdict: 'inconclusive', sentence: 'Undecided. This machine is too busy.' },
    });
  });
});

describe('of 1000 experiments of five repeats with the same thing twice', () => {
  const some = (random: Random) => random.between(0, 20) / 100;
  it.each<[string, (random: Random) => number]>([
    ['with shares', some],
    ['with shares of a few', (random) => random.between(0, 2) / 100],
    ['with runs that collapse or do not', (random) => (random.chance(0.3) ? 0.9 : 0) + some(random)],
    ['with a long tail', (random) => Math.exp(4 * random.next()) / 100],
  ])('%s, at most one in ten is held or broken', { timeout: 60_000 }, (_what, draw) => {
    const random = createRandom(5);
    const five = () => Array.from({ length: 5 }, () => draw(random));
    let decided = 0;
    for (let seed = 0; seed < 1000; seed += 1) {
      const values = { control: five(), experiment: five() };
      if (judge({ ...half, bound: 1 }, values, { seed, busy: null }).verdict !== 'inconclusive') decided += 1;
    }
    expect(decided / 1000).toBeLessThanOrEqual(0.1);
  });
});
