/** The neighbour in virtual time: workers, queue, callers who give up, and faults. */
import { describe, expect, it } from 'vitest';
import type { PartialPolicy } from '../../../../src/resilience/model/parse-policy.ts';
import type { Neighbour, ScenarioFault } from '../../../../src/resilience/model/scenario.ts';
import { simulate } from '../../../../src/resilience/model/simulate.ts';

const patient: PartialPolicy = {
  deadlineMs: null,
  bulkhead: null,
  attempts: 1,
  breaker: null,
  attemptTimeoutMs: 60_000,
};

/** Calls at these moments, one worker of 100 ms, no network. */
function run(
  atMs: readonly number[],
  given: { neighbour?: Partial<Neighbour>; faults?: readonly ScenarioFault[]; policy?: PartialPolicy } = {},
) {
  const neighbour = { workers: 1, serviceMs: 100, networkMs: 0, ...given.neighbour };
  const scenario = { load: { atMs }, neighbour, faults: given.faults ?? [] };
  return simulate({ ...patient, ...given.policy }, scenario);
}

describe('an instance', () => {
  it('works on as many calls as it has workers; the others wait', () => {
    expect(run([0, 0, 0]).p99Ms).toBe(300);
    expect(run([0, 0, 0], { neighbour: { workers: 3 } }).p99Ms).toBe(100);
  });

  it('answers later by the way there and back, but works no longer', () => {
    expect(run([0, 0], { neighbour: { networkMs: 30 } })).toMatchObject({ p50Ms: 130, p99Ms: 230 });
  });

  it('refuses a call when its queue is full', () => {
    expect(run([0, 0, 0], { neighbour: { queueMax: 1 } })).toMatchObject({ good: 2, failed: 1, wasted: 1 });
  });

  it('fails a share of its answers after its work', () => {
    const outcome = run([0, 1000], { neighbour: { errorRatio: 1 } });
    expect(outcome).toMatchObject({ good: 0, failed: 2 });
  });

  it('works on for a caller who has given up, unless it drops those who wait', () => {
    const policy = { attemptTimeoutMs: 150 };
    const calls = [0, 0, 0, 160];
    // The third call is worked on until 300, so the last one, due at 160, would have to wait until 400.
    expect(run(calls, { policy })).toMatchObject({ good: 1 });
    expect(run(calls, { policy, neighbour: { dropsAbandoned: true } })).toMatchObject({ good: 2 });
  });
});

describe('a fault', () => {
  const faultOf = (fault: object) => [{ fromMs: 1000, forMs: 1000, ...fault } as ScenarioFault];

  it.each([
    ['down: refuses at once', { type: 'down' }, { good: 2, failed: 1, p99Ms: 100 }],
    ['slow: works longer', { type: 'slow', factor: 3 }, { good: 3, p99Ms: 300 }],
    ['latency: answers later, but works no longer', { type: 'latency', ms: 70 }, { good: 3, p99Ms: 170 }],
    ['flaky: fails at once', { type: 'flaky', ratio: 1 }, { good: 2, failed: 1 }],
    ['hang: never answers', { type: 'hang' }, { good: 2, failed: 1 }],
  ])('%s, only while it lasts', (_title, fault, expected) => {
    expect(run([0, 1000, 2000], { faults: faultOf(fault) })).toMatchObject(expected);
  });

  it('down: loses what is under way and what waits, and begins anew', () => {
    const faults = [{ type: 'down', fromMs: 1050, forMs: 100 }] as const;
    // The first two would hold the only worker until 1200.
    expect(run([1000, 1000, 1150], { faults })).toMatchObject({ good: 1, failed: 2, p99Ms: 100 });
  });

  it('hang: keeps back the answers that are due', () => {
    const faults = [{ type: 'hang', fromMs: 1050, forMs: 100 }] as const;
    expect(run([1000, 2000], { faults })).toMatchObject({ good: 1, failed: 1 });
  });

  it('adds to another one', () => {
    const faults = [...faultOf({ type: 'slow', factor: 2 }), ...faultOf({ type: 'latency', ms: 50 })];
    expect(run([1000], { faults }).p50Ms).toBe(250);
  });

  it('of one instance leaves the others alone', () => {
    const outcome = run([1000, 1000, 1000, 1000], {
      neighbour: { instances: 2, workers: 9 },
      faults: faultOf({ type: 'down', instance: 1 }),
    });
    expect(outcome).toMatchObject({ good: 2, failed: 2 });
  });
});

describe('several instances', () => {
  it('that are well take over from one that is down, within moments', () => {
    const outcome = simulate(
      {},
      {
        seconds: 30,
        ratePerSecond: 50,
        neighbour: { instances: 3 },
        faults: [{ type: 'down', fromMs: 10_000, forMs: 10_000, instance: 0 }],
      },
    );
    expect(outcome.transitions[0]).toMatchObject({ instance: 0, to: 'open', reason: 'in-a-row' });
    expect(outcome.openedAfterMs).toBeLessThan(1000);
    expect(outcome.failed).toBeLessThan(outcome.calls / 100);
  });

  it('hear of one that hangs from its silence', () => {
    const outcome = simulate(
      {},
      {
        ratePerSecond: 50,
        neighbour: { instances: 3 },
        faults: [{ type: 'hang', fromMs: 10_000, forMs: 10_000, instance: 0 }],
      },
    );
    expect(outcome.transitions[0]).toMatchObject({ instance: 0, to: 'open', reason: 'silent' });
  });
});
