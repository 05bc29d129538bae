/** What follows from the settings of a comparison alone. */
import { describe, expect, it } from 'vitest';
import { serviceNames } from '../../../../chain.ts';
import { toPlan } from '../../../compare/plan.ts';
import { comparisonFaults, usualComparison } from '../../../server/comparison.ts';
import { parseComparison } from '../../../server/parse-comparison.ts';

describe('the settings', () => {
  it('that are left out are as usual', () => {
    expect(parseComparison({})).toEqual(usualComparison);
    expect(parseComparison({ fault: 'hang', seconds: 30 })).toEqual({
      ...usualComparison,
      fault: 'hang',
      seconds: 30,
    });
  });

  it('that are wrong are all named at once, each with what is legal', () => {
    const wrong = { what: 'luck', fault: 'fire', ratePerSecond: 1000, seconds: 2.5, seed: '1', speed: 1 };
    let errors: unknown;
    try {
      parseComparison(wrong);
    } catch (error) {
      ({ fieldErrors: errors } = error as { fieldErrors: unknown });
    }
    expect(errors).toEqual([
      { pointer: '/what', detail: 'Must be one of breaker, retry-budget.' },
      { pointer: '/fault', detail: 'Must be one of slow, down, flaky, hang.' },
      { pointer: '/ratePerSecond', detail: 'Must be a whole number from 2 to 60.' },
      { pointer: '/seconds', detail: 'Must be a whole number from 6 to 60.' },
      { pointer: '/seed', detail: 'Must be a whole number from 0 to 2147483648.' },
      {
        pointer: '/speed',
        detail: 'Is not known here; known are what, fault, ratePerSecond, seconds, seed.',
      },
    ]);
  });

  it('know no name that every object has', () => {
    expect(() => parseComparison({ toString: 1 })).toThrow('"/toString": Is not known here');
  });

  it.each([null, [], 'slow', 7])('%j are none', (value) => {
    expect(() => parseComparison(value)).toThrow('Must be an object.');
  });
});

describe('the plan', () => {
  it('is the same for the same seed, and another for another one', () => {
    const plan = toPlan(usualComparison);
    expect(toPlan({ ...usualComparison })).toEqual(plan);
    expect(toPlan({ ...usualComparison, seed: 2 }).dues).not.toEqual(plan.dues);
  });

  it('lets orders arrive at random, at the rate on average, within the time', () => {
    const { dues } = toPlan({ ...usualComparison, ratePerSecond: 50, seconds: 60 });
    expect(dues.length / 60).toBeGreaterThan(45);
    expect(dues.length / 60).toBeLessThan(55);
    expect(dues.toSorted((a, b) => a - b)).toEqual(dues);
    expect(dues.at(-1)).toBeLessThan(60_000);
  });

  it.each([
    [6, 1000, 4000],
    [16, 3000, 11_000],
    [60, 12_000, 42_000],
  ])('of %i s has a fault in its middle, with time before and after it', (seconds, fromMs, toMs) => {
    expect(toPlan({ ...usualComparison, seconds }).outage).toEqual({ fromMs, toMs });
  });

  it.each(comparisonFaults)('has two chains that differ in one thing when a service is %s', (fault) => {
    const [withBreaker, bypassed] = toPlan({ ...usualComparison, fault }).arms;
    expect(withBreaker?.env).toEqual(bypassed?.env);
    expect([withBreaker?.isBypassed, bypassed?.isBypassed]).toEqual([false, true]);

    const [withBudget, without] = toPlan({ ...usualComparison, fault, what: 'retry-budget' }).arms;
    expect([withBudget?.isBypassed, without?.isBypassed]).toEqual([true, true]);
    expect(without?.env).toEqual({ ...withBudget?.env, RETRY_BUDGET_RATIO: '3' });
  });

  it('breaks the end of the chain for a breaker, and the neighbour of the front door for a budget', () => {
    expect(toPlan(usualComparison).broken).toBe(serviceNames.at(-1));
    expect(toPlan({ ...usualComparison, what: 'retry-budget' }).broken).toBe(serviceNames[1]);
  });
});
