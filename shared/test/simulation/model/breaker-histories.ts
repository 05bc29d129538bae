/** Random histories of one breaker, lived through by the real one and by its model; both must tell the same. */
import fc from 'fast-check';
import { type Breaker, createBreaker } from '../../../src/resilience/breaker.ts';
import type { Verdict } from '../../../src/resilience/breaker-call.ts';
import type { BreakerEventMap } from '../../../src/resilience/breaker-events.ts';
import { type BreakerSettings, breakerDefaults } from '../../../src/resilience/breaker-settings.ts';
import { NeighbourError } from '../../../src/resilience/errors.ts';
import { createEventBus } from '../../../src/resilience/event-bus.ts';
import type { BreakerModel, ModelCall } from '../../../src/resilience/model/breaker-model.ts';
import { advance, createStream, type ModelParts, type Told } from './model-parts.ts';
import { turnTimers } from './turned-timers.ts';

type Step =
  | { readonly kind: 'begin' }
  | {
      readonly kind: 'end';
      readonly which: number;
      readonly verdict: Verdict;
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'configure'; readonly settings: Partial<BreakerSettings> }
  | { readonly kind: 'peers'; readonly isLastHealthy: boolean; readonly isReplaceable: boolean }
  | { readonly kind: 'trip' };

/** What happens to a breaker. */
export interface BreakerHistory {
  readonly settings: Partial<BreakerSettings>;
  readonly seed: number;
  readonly steps: readonly Step[];
}

const settings = fc.record(
  {
    thresholdRatio: fc.constantFrom(0, 0.2, 1 / 3, 0.5, 0.6, 0.99, 1),
    minCalls: fc.integer({ min: 1, max: 6 }),
    windowMs: fc.constantFrom(100, 999, 1000, 2005),
    openMs: fc.integer({ min: 10, max: 400 }),
    openMaxMs: fc.integer({ min: 10, max: 3000 }),
    openFactor: fc.constantFrom(1, 1.5, 2, 10),
    jitterRatio: fc.constantFrom(0, 0.1, 0.9),
    probeTimeoutMs: fc.integer({ min: 10, max: 400 }),
    probeSuccesses: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
);

/** The moments around the end of a bucket matter most. */
const wait = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 3, arbitrary: fc.constantFrom(99, 100, 101, 199, 200, 201, 900, 1000) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2500 }) },
);

const verdict = fc.constantFrom<Verdict>('success', 'success', 'failure', 'failure', 'timeout', 'ignored');
const end = fc.record(
  {
    kind: fc.constant('end' as const),
    which: fc.nat(5),
    verdict,
    retryAfterMs: fc.oneof(
      { weight: 4, arbitrary: fc.constant(undefined as never) },
      { weight: 1, arbitrary: fc.nat(500) },
    ),
  },
  { requiredKeys: ['kind', 'which', 'verdict'] },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ kind: 'begin' } as const) },
  { weight: 8, arbitrary: end },
  { weight: 6, arbitrary: wait.map((ms) => ({ kind: 'wait', ms }) as const) },
  { weight: 1, arbitrary: settings.map((one) => ({ kind: 'configure', settings: one }) as const) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('peers' as const),
      isLastHealthy: fc.boolean(),
      isReplaceable: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'trip' } as const) },
);

/** Histories of up to 80 steps. */
export const breakerHistories: fc.Arbitrary<BreakerHistory> = fc.record({
  settings,
  seed: fc.nat(),
  steps: fc.array(step, { minLength: 5, maxLength: 80, size: 'max' }),
});

/** Lives through a history with both. */
export async function liveBreaker(history: BreakerHistory, parts: ModelParts): Promise<Told> {
  const timers = turnTimers();
  try {
    return await live(history, parts, timers);
  } finally {
    timers.restore();
  }
}

async function live(
  { settings: begun, seed, steps }: BreakerHistory,
  { createBreakerModel, createVirtualTime }: ModelParts,
  timers: ReturnType<typeof turnTimers>,
): Promise<Told> {
  const told: Told = { real: [], model: [] };
  const peers = { isLastHealthy: false, isReplaceable: false };
  const rules = { isLastHealthy: () => peers.isLastHealthy, isReplaceable: () => peers.isReplaceable };

  const events = createEventBus<BreakerEventMap>();
  events.on('transition', ({ at, from, to, reason }) => told.real.push(`${at} ${from}→${to} ${reason}`));
  const breaker = createBreaker({
    name: 'a→b',
    events,
    settings: begun,
    clock: () => timers.nowMs,
    random: createStream(seed),
    ...rules,
  });

  const time = createVirtualTime();
  let config: BreakerSettings = { ...breakerDefaults, ...begun };
  const model = createBreakerModel({
    settings: config,
    time,
    random: createStream(seed),
    onTransition: (from, to, reason) => told.model.push(`${time.nowMs} ${from}→${to} ${reason}`),
    ...rules,
  });

  const calls: {
    readonly end: (verdict: Verdict, retryAfterMs?: number) => void;
    readonly model: ModelCall | null;
  }[] = [];
  for (const taken of steps) {
    switch (taken.kind) {
      case 'begin':
        calls.push({
          end: beginReal(breaker),
          model: model.isCallPermitted() ? model.begin(() => undefined) : null,
        });
        break;
      case 'end': {
        const [call] = calls.splice(taken.which % Math.max(1, calls.length), 1);
        call?.end(taken.verdict, taken.retryAfterMs);
        await timers.settle();
        if (call?.model)
          model.end(call.model, taken.verdict, taken.verdict === 'failure' ? taken.retryAfterMs : undefined);
        break;
      }
      case 'wait':
        await timers.advance(taken.ms);
        advance(time, taken.ms);
        break;
      case 'configure': {
        const changed = breaker.configure(taken.settings).length > 0;
        config = { ...config, ...taken.settings };
        if (changed) model.configure(config);
        break;
      }
      case 'peers':
        Object.assign(peers, { isLastHealthy: taken.isLastHealthy, isReplaceable: taken.isReplaceable });
        break;
      case 'trip':
        breaker.trip();
        model.trip();
    }
    await timers.settle();
    told.real.push(describe(breaker, timers.nowMs));
    told.model.push(describe(model, time.nowMs));
  }
  breaker.stop();
  return told;
}

/** Begins a real call and answers what ends it. */
function beginReal(breaker: Breaker): (verdict: Verdict, retryAfterMs?: number) => void {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let judged: Verdict = 'success';
  breaker.run(() => promise, { classify: () => judged }).catch(() => undefined);
  promise.catch(() => undefined);
  return (verdict, retryAfterMs) => {
    judged = verdict;
    if (verdict === 'success') return resolve();
    reject(
      new NeighbourError('neighbour-failed', 'it failed', verdict === 'failure' ? { retryAfterMs } : {}),
    );
  };
}

function describe(one: Breaker | BreakerModel, nowMs: number): string {
  const { state, probeAt, probeUntil } = one.stateView();
  const { calls, failures } = one.view().window;
  const permitted = one.isCallPermitted() ? 'passes' : 'rejects';
  return `${nowMs} ${state} ${permitted} ${failures}/${calls} probe ${probeAt} ${probeUntil} closed ${one.closedAt}`;
}
