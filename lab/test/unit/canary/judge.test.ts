/** The judge of a canary, on numbers that nobody had to wait for. */
import { describe, expect, it } from 'vitest';
import { judgeStep, type ReleaseStats, type ServiceSample } from '../../../canary/judge.ts';

/** A hundred creates, all within 50 ms. */
const quick = new Map([
  [0.05, 100],
  [0.1, 100],
  [0.5, 100],
  [1, 100],
  [Number.POSITIVE_INFINITY, 100],
]);

const well: ReleaseStats = {
  ready: 1,
  calls: 100,
  failed: 0,
  answered: 100,
  pending: 0,
  opened: 0,
  within: quick,
};

function sample(
  canary: Partial<ReleaseStats>,
  stable: Partial<ReleaseStats> = {},
  oldestPendingS = 0,
): ServiceSample {
  return {
    service: 'payment',
    canary: { ...well, ...canary },
    stable: { ...well, ready: 3, ...stable },
    oldestPendingS,
  };
}

describe('a canary is good', () => {
  it('when it did as well as the stable release, and the sentence has the numbers', () => {
    expect(judgeStep([sample({})])).toEqual({
      kind: 'good',
      why:
        'At the canaries 0 of 100 calls failed, at stable 0 of 100; pending were left 0 and 0; no breaker opened; ' +
        'p99 payment 50 ms (stable 50 ms).',
    });
  });

  it('with two failures, which are an accident', () => {
    expect(judgeStep([sample({ failed: 2 })]).kind).toBe('good');
  });

  it('when the stable release fails as often', () => {
    expect(judgeStep([sample({ failed: 20 }, { failed: 20 })]).kind).toBe('good');
  });

  it('when a few failures too many may be chance', () => {
    expect(judgeStep([sample({ failed: 5 }, { failed: 1 })]).kind).toBe('good');
  });

  it('at 100 %, compared with what the stable release did in the step before', () => {
    const idle: Partial<ReleaseStats> = { calls: 0, answered: 0, within: new Map() };
    expect(judgeStep([sample({ failed: 20 }, idle)], [sample({}, { failed: 20 })]).kind).toBe('good');
    expect(judgeStep([sample({ failed: 20 }, idle)], [sample({})]).kind).toBe('bad');
  });
});

it('a canary that had too few calls needs more', () => {
  expect(judgeStep([sample({ calls: 49, answered: 49 })])).toEqual({
    kind: 'more',
    why: 'Too few calls at the canary to judge: 49 at payment, of 50.',
  });
});

it('nothing is compared with a stable release that had no calls', () => {
  expect(judgeStep([sample({ calls: 3, failed: 3 }, { calls: 0, answered: 0 })]).kind).toBe('more');
});

describe('a canary is bad at once', () => {
  it.each([
    [
      'when its calls fail, however few there were',
      sample({ calls: 10, failed: 3 }),
      'At the canary of payment calls failed: 3 of 10 (30 %), at stable 0 of 100 (0 %); 2 percentage points more are tolerated.',
    ],
    [
      'when nobody is ready',
      sample({ ready: 0, calls: 0, answered: 0 }),
      'HAProxy sends nothing to the canary of payment: none is ready.',
    ],
    [
      'when a breaker of it opened',
      sample({ opened: 1 }),
      'Breakers of payment opened, 1 times at the canary, 0 times at stable.',
    ],
    [
      'when a breaker in front of it opened',
      sample({}, { opened: 2 }),
      'Breakers of payment opened, 0 times at the canary, 2 times at stable.',
    ],
    [
      'when it leaves more documents pending',
      sample({ pending: 20 }, { pending: 1 }),
      'The canary of payment left documents pending: 20 of 100 (20 %), at stable 1 of 100 (1.0 %); 5 percentage points more are tolerated.',
    ],
    [
      'when a document waits for too long',
      sample({}, {}, 31),
      'A document of payment has been pending for 31 s, 30 s are tolerated.',
    ],
    [
      'when it is slow',
      sample({
        within: new Map([
          [0.05, 90],
          [0.1, 90],
          [0.5, 92],
          [1, 100],
          [Number.POSITIVE_INFINITY, 100],
        ]),
      }),
      "The canary of payment is slow: 8 of 100 (8.0 %) took longer than 150 ms, its p99 is 938 ms, the stable one's 50 ms.",
    ],
  ])('%s', (_when, bad, why) => {
    const healthy = { ...sample({}), service: 'order' };
    expect(judgeStep([healthy, bad])).toEqual({ kind: 'bad', why });
  });
});

it('a slow stable release excuses a slow canary', () => {
  const slow = new Map([
    [0.05, 50],
    [1, 100],
    [Number.POSITIVE_INFINITY, 100],
  ]);
  expect(judgeStep([sample({ within: slow }, { within: slow })]).kind).toBe('good');
});
