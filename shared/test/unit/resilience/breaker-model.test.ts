/** Random histories: whatever calls, outcomes, late outcomes, forces and time do, these rules hold. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Verdict } from '../../../src/resilience/breaker-call.ts';
import type { Override } from '../../../src/resilience/breaker-override.ts';
import type { BreakerState, TransitionReason } from '../../../src/resilience/breaker-state.ts';
import { createHarness, type Harness, type PendingCall } from './breaker-harness.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

type Step =
  | { kind: 'begin' }
  | { kind: 'end'; which: number; verdict: Verdict }
  | { kind: 'burst'; verdicts: Verdict[] }
  | { kind: 'wait'; ms: number }
  | { kind: 'force'; force: Override; ttlMs: number }
  | { kind: 'configure'; minCalls: number };

const verdict = fc.constantFrom<Verdict>('success', 'failure', 'failure', 'timeout', 'ignored');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('begin' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(9), verdict }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('burst' as const),
      verdicts: fc.array(verdict, { maxLength: 8 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1_500 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('force' as const),
      force: fc.constantFrom<Override>('open', 'closed', 'disabled', null),
      ttlMs: fc.integer({ min: 1, max: 2_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('configure' as const),
      minCalls: fc.integer({ min: 1, max: 6 }),
    }),
  },
);

const legal: Record<TransitionReason, string[]> = {
  threshold: ['closed→open'],
  'in-a-row': ['closed→open'],
  silent: ['closed→open'],
  'open-time-over': ['open→half_open'],
  'probe-ok': ['half_open→closed'],
  'probe-failed': ['half_open→open'],
  'probe-timeout': ['half_open→open'],
  forced: (['closed', 'open', 'half_open', 'forced_open', 'disabled'] as const)
    .flatMap((from) => [`${from}→forced_open`, `${from}→disabled`, `${from}→closed`])
    .filter((change) => change.split('→')[0] !== change.split('→')[1]),
  released: ['forced_open→closed', 'disabled→closed'],
  expired: ['forced_open→closed', 'disabled→closed'],
};

it('keeps its rules through any history', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, probeSuccesses) => {
        const settings = {
          windowMs: 2_000,
          openMs: 1_000,
          openMaxMs: 3_000,
          probeTimeoutMs: 700,
          probeSuccesses,
        };
        const h = createHarness({ settings });
        const decisions = predictOpenings(h);
        const pending: PendingCall[] = [];
        let begun = 0;
        try {
          for (const taken of steps) {
            begun += await take(taken, h, pending);
            await vi.advanceTimersByTimeAsync(0);
            checkDecisions(decisions, h);
          }
          for (const call of pending) if (call.signal() !== undefined) await call.end('success');
          checkHistory(h, begun);
          checkProbes(h);
        } finally {
          h.breaker.stop();
        }
        expect(vi.getTimerCount()).toBe(0);
      },
    ),
    { numRuns: 400 },
  );
});

async function take(taken: Step, h: Harness, pending: PendingCall[]): Promise<number> {
  if (taken.kind === 'wait') await vi.advanceTimersByTimeAsync(taken.ms);
  if (taken.kind === 'force') h.breaker.override(taken.force, { ttlMs: taken.ttlMs });
  if (taken.kind === 'configure') h.breaker.configure({ minCalls: taken.minCalls });
  if (taken.kind === 'end') await pending.splice(taken.which, 1)[0]?.end(taken.verdict);
  if (taken.kind === 'begin') begin(h, pending);
  if (taken.kind !== 'burst') return taken.kind === 'begin' ? 1 : 0;
  // All begin before the first ends, so that several outcomes arrive in one turn of the loop.
  const burst = taken.verdicts.map(() => begin(h, []));
  await Promise.all(
    burst.map((call, index) => call.signal() && call.end(taken.verdicts[index] ?? 'success')),
  );
  return burst.length;
}

/** Begins a call and checks that it passes exactly when the breaker says that it lets one. */
function begin(h: Harness, pending: PendingCall[]): PendingCall {
  const { state, probeUntil } = h.breaker.view();
  const isCallPermitted = h.breaker.isCallPermitted();
  const call = h.begin();
  const passed = call.signal() !== undefined;
  expect(passed).toBe(isCallPermitted);
  expect(passed).toBe(
    state === 'closed' || state === 'disabled' || (state === 'half_open' && probeUntil === null),
  );
  if (passed) pending.push(call);
  return call;
}

interface Demand {
  readonly generation: number;
  readonly opens: boolean;
}

/** Notes, for every failure that lands in a closed breaker, whether the shown numbers demand that it opens. */
function predictOpenings({ breaker, calls }: Harness) {
  const demands: Demand[] = [];
  const push = calls.push.bind(calls);
  calls.push = (...events) => {
    for (const { outcome, late, state } of events) {
      if (late || state !== 'closed' || (outcome !== 'failure' && outcome !== 'timeout')) continue;
      const { window, config, generation } = breaker.view();
      demands.push({
        generation,
        opens: window.calls >= config.minCalls && window.ratio > config.thresholdRatio,
      });
    }
    return push(...events);
  };
  return demands;
}

/** The failure that demands it opens the breaker at once: none of that generation lands after it. */
function checkDecisions(demands: Demand[], { transitions }: Harness): void {
  for (const [generation, made] of Map.groupBy(demands.splice(0), (demand) => demand.generation)) {
    const opening = transitions.find(
      (event) => event.reason === 'threshold' && event.generation === generation + 1,
    );
    expect(made.map(({ opens }) => opens)).toEqual(
      made.map((_, index) => index === made.length - 1 && !!opening),
    );
  }
}

function checkHistory({ breaker, transitions, calls }: Harness, begun: number): void {
  let state: BreakerState = 'closed';
  for (const { from, to, reason } of transitions) {
    expect(from).toBe(state);
    expect(legal[reason]).toContain(`${from}→${to}`);
    state = to;
  }
  expect(breaker.view().state).toBe(state);
  expect(calls).toHaveLength(begun);
  const { counts, late, inFlight } = breaker.view();
  expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(begun);
  expect(calls.filter((call) => call.late)).toHaveLength(late);
  expect(inFlight).toBe(0);
}

/** Each generation of a half-open breaker has at most one probe: its calls that were sent and ended in it. */
function checkProbes({ calls }: Harness): void {
  const probes = calls.filter(({ probe }) => probe);
  expect(new Set(probes.map(({ generation }) => generation)).size).toBe(probes.length);
}
