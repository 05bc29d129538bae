/** What a run in virtual time measures, and how it refuses what it cannot run. */
import { describe, expect, it } from 'vitest';
import { simulate } from '../../../../src/resilience/model/simulate.ts';

const outage = { type: 'down', fromMs: 5000, forMs: 10_000 } as const;

describe('a run', () => {
  it('opens its breaker in an outage and closes it afterwards', () => {
    const run = simulate({ breaker: { minCalls: 5 } }, { load: { ratePerSecond: 20 }, faults: [outage] });
    expect(run.transitions.map(({ to, reason }) => [to, reason])).toEqual([
      ['open', 'threshold'],
      ['half_open', 'open-time-over'],
      ['closed', 'probe-ok'],
    ]);
    expect(run.opened).toBe(1);
    expect(run.recoveredAfterMs).toBeLessThan(15_000);
    expect(run.good + run.failed).toBe(run.calls);
  });

  it('gives the same outcome each time, and another one for another seed', () => {
    const run = (seed: number) =>
      simulate({}, { ratePerSecond: 50, seed, faults: [{ ...outage, type: 'flaky', ratio: 0.4 }] });
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  it('gets the same calls whatever the policy is', () => {
    const scenario = { ratePerSecond: 50, faults: [outage] };
    const [one, other] = [simulate({}, scenario), simulate({ breaker: null, attempts: 1 }, scenario)];
    expect(one.perSecond.slice(0, 30).map(({ calls }) => calls)).toEqual(
      other.perSecond.slice(0, 30).map(({ calls }) => calls),
    );
  });

  it('never recovers from a retry storm without a budget, and does with one', () => {
    const scenario = {
      seconds: 60,
      load: { ratePerSecond: 80 },
      neighbour: { workers: 10, serviceMs: 100 },
      faults: [{ type: 'slow', factor: 3, fromMs: 10_000, forMs: 8000 }],
    } as const;
    const storm = { attempts: 4, attemptTimeoutMs: 1000, deadlineMs: null, budget: null, breaker: null };
    expect(simulate(storm, scenario).recoveredAfterMs).toBeNull();
    expect(simulate({ attemptTimeoutMs: 1000 }, scenario).recoveredAfterMs).toBeLessThan(20_000);
  });
});

describe('refused is', () => {
  const refusal = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing was refused';
  };

  it('a scenario without a load', () => {
    expect(refusal(() => simulate({}, {}))).toBe(
      'Invalid scenario: it has no load; say how many calls come, such as load: { ratePerSecond: 20 }.',
    );
  });

  it('every bad field of a policy at once', () => {
    const message = refusal(() =>
      simulate({ attempts: 0, breaker: { minCalls: 0.5 }, budget: { ratio: -1 } }, { ratePerSecond: 1 }),
    );
    expect(message).toContain('attempts must be a whole number from 1 to 10, got 0');
    expect(message).toContain('breaker.minCalls must be a whole number from 1 to 100000, got 0.5');
    expect(message).toContain('budget.ratio must be a number from 0 to 9, got -1');
  });
});
