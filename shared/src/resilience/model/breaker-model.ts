/**
 * The breaker in virtual time: state-machine.ts, opening-rules.ts, probing.ts and opossum's window in one function
 * without promises. It decides as `createBreaker` does, to the bucket and to the millisecond; tests prove it over random
 * histories. It leaves out what an operator sets by hand, and probes agreed between replicas.
 */
import { type BreakerSettings, toOpenPeriodMs } from '../breaker-settings.ts';
import type { BreakerState, TransitionReason } from '../breaker-state.ts';
import type { PeerRules } from '../opening-rules.ts';
import { cancel, type Planned, type VirtualTime } from './virtual-time.ts';
import { createWindowModel } from './window-model.ts';

/** What became of a call, as `classify` judges it. */
export type ModelVerdict = 'success' | 'failure' | 'timeout' | 'ignored';

/** A call on its way. */
export interface ModelCall {
  readonly generation: number;
  readonly probeDeadline: Planned | null;
}

/** The parts of a breaker in virtual time. */
export interface BreakerModelOptions extends PeerRules {
  readonly settings: BreakerSettings;
  readonly time: VirtualTime;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
  readonly onTransition?: (from: BreakerState, to: BreakerState, reason: TransitionReason) => void;
}

/** A breaker in virtual time. */
export interface BreakerModel {
  readonly closedAt: number | null;
  isCallPermitted(): boolean;
  /** A permitted call begins; `onProbeDeadline` runs when it is a probe that does not end in time, after it was judged. */
  begin(onProbeDeadline: () => void): ModelCall;
  /** A call ends; `retryAfterMs` is what the neighbour asked for in its answer. */
  end(call: ModelCall, verdict: ModelVerdict, retryAfterMs?: number): void;
  trip(): void;
  configure(settings: BreakerSettings): void;
  stateView(): {
    readonly state: BreakerState;
    readonly probeAt: number | null;
    readonly probeUntil: number | null;
    readonly until: null;
  };
  view(): {
    readonly window: { readonly calls: number; readonly failures: number };
    readonly config: BreakerSettings;
  };
  stop(): void;
}

/** Creates a closed breaker with an empty window. */
export function createBreakerModel({
  time,
  random,
  onTransition,
  isLastHealthy = () => false,
  isReplaceable = () => false,
  ...options
}: BreakerModelOptions): BreakerModel {
  let { settings } = options;
  let state: 'closed' | 'open' | 'half_open' = 'closed';
  let generation = 1;
  let window = createWindowModel(settings.windowMs, time);
  let failuresInARow = 0;
  let closedAt: number | null = null;
  let failedProbes = 0;
  let goodProbes = 0;
  let probeAt: number | null = null;
  let probeUntil: number | null = null;
  let openTime: Planned | null = null;

  return {
    get closedAt() {
      return closedAt;
    },
    isCallPermitted,
    begin,
    end,
    trip() {
      if (state === 'closed') openByRule('silent');
    },
    configure(next) {
      settings = next;
      // An open breaker keeps its timer, a half-open one its probe.
      if (state === 'closed') renew();
      window = createWindowModel(settings.windowMs, time);
    },
    stateView: () => ({ state, probeAt, probeUntil, until: null }),
    view: () => ({ window: window.view(), config: settings }),
    stop: () => cancel(openTime),
  };

  function isCallPermitted(): boolean {
    return state === 'closed' || (state === 'half_open' && probeUntil === null);
  }

  function begin(onProbeDeadline: () => void): ModelCall {
    if (state !== 'half_open') return { generation, probeDeadline: null };
    probeUntil = time.nowMs + settings.probeTimeoutMs;
    const call: ModelCall = {
      generation,
      probeDeadline: time.after(settings.probeTimeoutMs, () => {
        end(call, 'timeout');
        onProbeDeadline();
      }),
    };
    return call;
  }

  function end(call: ModelCall, verdict: ModelVerdict, retryAfterMs?: number): void {
    cancel(call.probeDeadline);
    // A call of an older generation is late and decides nothing.
    if (call.generation !== generation) return;
    const isFailure = verdict === 'failure' || verdict === 'timeout';
    if (verdict !== 'ignored') window.record(isFailure);
    if (verdict === 'success') failuresInARow = 0;
    else if (isFailure) failuresInARow += 1;
    if (state === 'half_open') endProbe(verdict, retryAfterMs);
    else if (isFailure) considerShare(retryAfterMs);
    if (call.generation === generation) considerRow();
  }

  function endProbe(verdict: ModelVerdict, retryAfterMs: number | undefined): void {
    if (verdict === 'failure' || verdict === 'timeout') {
      failedProbes += 1;
      open(toOpenMs(retryAfterMs), verdict === 'timeout' ? 'probe-timeout' : 'probe-failed');
      return;
    }
    if (verdict === 'success') goodProbes += 1;
    if (verdict === 'success' && goodProbes >= settings.probeSuccesses) {
      closedAt = time.nowMs;
      enter('closed', 'probe-ok');
      return;
    }
    probeUntil = null;
    renew();
  }

  function considerShare(retryAfterMs: number | undefined): void {
    const { calls, failures } = window.view();
    if (calls < settings.minCalls || (failures / calls) * 100 <= settings.thresholdRatio * 100) return;
    if (calls > failures && isLastHealthy()) {
      renew();
      window = createWindowModel(settings.windowMs, time);
      return;
    }
    failedProbes = 0;
    open(toOpenMs(retryAfterMs), 'threshold');
  }

  function considerRow(): void {
    if (state === 'closed' && failuresInARow >= settings.minCalls && isReplaceable()) openByRule('in-a-row');
  }

  /** A threshold of 1 never opens, whatever the rule. */
  function openByRule(reason: 'in-a-row' | 'silent'): void {
    if (settings.thresholdRatio >= 1) return;
    failedProbes = 0;
    open(settings.openMs, reason);
  }

  /** The time that the neighbour asks for, 100 ms at least, shortens an open period and never extends it. */
  function toOpenMs(retryAfterMs: number | undefined): number {
    const askedMs = retryAfterMs === undefined ? Number.POSITIVE_INFINITY : Math.max(100, retryAfterMs);
    return Math.min(askedMs, toOpenPeriodMs(settings, failedProbes, random));
  }

  function open(openMs: number, reason: TransitionReason): void {
    enter('open', reason);
    probeAt = time.nowMs + openMs;
    openTime = time.after(openMs, () => enter('half_open', 'open-time-over'));
  }

  function enter(next: typeof state, reason: TransitionReason): void {
    const from = state;
    state = next;
    probeAt = null;
    probeUntil = null;
    goodProbes = 0;
    renew();
    window = createWindowModel(settings.windowMs, time);
    onTransition?.(from, next, reason);
  }

  /** Calls on their way decide nothing from now on. */
  function renew(): void {
    generation += 1;
    failuresInARow = 0;
  }
}
