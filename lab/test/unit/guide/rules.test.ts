/** The rules of docs/choosing-settings.md: what they advise for any service, and what they say of it. */
import { policyRanges } from '@holdfast/shared/resilience/policy-settings.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceNumbers } from '../../../guide/numbers.ts';
import { toPolicy } from '../../../guide/rules.ts';

const usual: ServiceNumbers = {
  ...{ ratePerSecond: 80, p50Ms: 40, p99Ms: 120, deadlineMs: 2000 },
  ...{ instances: 2, workers: null, callers: 1, errorRatio: 0 },
};

const anyService: fc.Arbitrary<ServiceNumbers> = fc.record({
  ratePerSecond: fc.double({ min: 0.1, max: 5000, noNaN: true }),
  p50Ms: fc.integer({ min: 1, max: 1000 }),
  p99Ms: fc.integer({ min: 1000, max: 20_000 }),
  deadlineMs: fc.integer({ min: 100, max: 600_000 }),
  instances: fc.integer({ min: 1, max: 100 }),
  workers: fc.constant(null),
  callers: fc.integer({ min: 1, max: 1000 }),
  errorRatio: fc.double({ min: 0, max: 0.99, noNaN: true }),
});

describe('the settings for any service', () => {
  it('are legal in a running service', () => {
    fc.assert(
      fc.property(anyService, (numbers) => {
        const { policy } = toPolicy(numbers);
        const own = (values: object, ranges: object) =>
          Object.entries(values).flatMap(([name, value]): string[] => {
            const range = ranges[name as keyof typeof ranges] as {
              min: number;
              max: number;
              isInteger: boolean;
            };
            if (typeof value === 'object') return own(value, range);
            const fits =
              value >= range.min && value <= range.max && (!range.isInteger || Number.isInteger(value));
            return fits ? [] : [`${name} ${value}`];
          });
        expect(own(policy, policyRanges)).toEqual([]);
      }),
    );
  });

  it('leave room for an answer within the deadline', () => {
    fc.assert(
      fc.property(anyService, (numbers) => {
        const { attemptTimeoutMs } = toPolicy(numbers).policy;
        expect(attemptTimeoutMs).toBeLessThanOrEqual(numbers.deadlineMs);
      }),
    );
  });

  it('have one reason for each setting that a service reads', () => {
    const settings = toPolicy(usual).reasons.map(({ setting }) => setting);
    expect(settings).toEqual([
      ...['deadlineMs', 'attemptTimeoutMs', 'attempts', 'budget.ratio'],
      ...['thresholdRatio', 'minCalls', 'windowMs', 'openMs', 'openMaxMs'].map((name) => `breaker.${name}`),
      ...['maxActive', 'maxQueued', 'waitMs'].map((name) => `bulkhead.${name}`),
    ]);
  });
});

it('the reason of the slots is that of the rule which decided', () => {
  const slots = (callers: number) =>
    toPolicy({ ...usual, callers }).reasons.find(({ setting }) => setting === 'bulkhead.maxActive')?.why;
  expect(slots(1)).toMatch(/^1\.5 × 80\/s × p99, at least 10: below the calls/);
  expect(slots(4)).toMatch(/^1\.5 × 20\/s × p99 would be 4; 10 are the least/);
});

describe('one number more', () => {
  it('of callers makes the bulkhead smaller and the window longer', () => {
    const [one, four] = [
      toPolicy(usual).policy,
      toPolicy({ ...usual, ratePerSecond: 20, callers: 4 }).policy,
    ];
    expect(four.bulkhead.maxActive).toBeLessThan(one.bulkhead.maxActive);
    expect(four.breaker.windowMs).toBeGreaterThan(one.breaker.windowMs);
  });
});

describe('a warning is said', () => {
  it.each([
    ['a short deadline', { deadlineMs: 300 }, /^The deadline of 300 ms is less than 3 × p99 \(360 ms\)/],
    ['few calls', { ratePerSecond: 0.1 }, /the window holds 3 calls, fewer than minCalls \(5\)/],
    ['many failures', { errorRatio: 0.3 }, /^30 % of failures on a good day is too near to the threshold/],
  ])('of %s', (_what, changed, sentence) => {
    expect(toPolicy({ ...usual, ...changed }).warnings).toEqual([expect.stringMatching(sentence)]);
  });

  it('not of a usual service', () => {
    expect(toPolicy(usual).warnings).toEqual([]);
  });
});
