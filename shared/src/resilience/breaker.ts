/**
 * A circuit breaker: opossum decides, this adapter feeds it only what counts (docs/breaker.md; sixteen reasons
 * in docs/breaker-conformance.md). The only importer of opossum.
 *
 * Every generation (a transition, a probe, a change of settings) is a fresh opossum instance. An outcome of an
 * older generation lands in a discarded instance, where it decides nothing. No text is logged here: see breaker-events.ts.
 */
import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';
import {
  classifyByDefault,
  isCounted,
  perform,
  type RunningCall,
  toRetryAfterMs,
  type Verdict,
} from './breaker-call.ts';
import type { BreakerConfig, BreakerEvents } from './breaker-events.ts';
import { createRejections, summaryEveryMs } from './breaker-rejections.ts';
import {
  type BreakerSettings,
  parseBreakerSettings,
  type SettingChange,
  toOpenPeriodMs,
  toSettingChanges,
} from './breaker-settings.ts';
import { type State, type TransitionReason, toLonger, toOutage } from './breaker-state.ts';
import { type BreakerView, type StateView, toStateView } from './breaker-view.ts';
import { windowBuckets } from './breaker-window.ts';
import { toDetail, toLastingDetail } from './breaker-words.ts';
import { createCallStats, toDurationMs } from './call-stats.ts';
import { BreakerOpenError } from './errors.ts';
import { createEventBus } from './event-bus.ts';

/** How long a forced state lasts when nothing else is said. */
export const overrideDefaultMs = 600_000;
/** While another replica probes: how often it is asked whether that is over, in milliseconds. */
const askProbeAgainMs = 1000;
/** Longest time for which a state may be forced. */
export const overrideMaxMs = 86_400_000;

/** What a breaker is made of. */
export interface BreakerOptions {
  /** `front→back`, or per instance `front→back@host:port`. */
  readonly name: string;
  readonly settings?: Partial<BreakerSettings>;
  /** Where it tells what happens; by default to nobody. */
  readonly events?: BreakerEvents;
  /** The attempt timeout that the caller enforces; the breaker only names it in events and texts. */
  readonly attemptTimeoutMs?: number;
  /** Milliseconds since 1970. @default Date.now */
  readonly clock?: () => number;
  /** 0 to 1, for jitter. @default Math.random */
  readonly random?: () => number;
  /**
   * Asked when the share of failures would open it, as long as some calls succeed: true lets it begin a fresh window
   * instead. For the last instance that still answers, which nothing could replace.
   */
  readonly isLastHealthy?: () => boolean;
  /**
   * Asked when the last `minCalls` calls have all failed: true opens it at once, however well it did before. For one of
   * several instances while the others are well: with somebody else to go to, nobody has to wait until the failures
   * outweigh a long good past.
   */
  readonly isReplaceable?: () => boolean;
  /**
   * Asked when an open period is over, with the length of the next one: 0 lets this breaker probe, a number keeps it
   * open for so many milliseconds, because another replica probes. When it rejects, this breaker decides alone.
   */
  readonly askProbe?: (forMs: number) => Promise<number>;
}

/** How one call is judged. */
export interface RunOptions {
  /** What an error that the work throws says about the neighbour. @default classifyByDefault */
  readonly classify?: (error: unknown) => Verdict;
}

/** What can be forced; `null` releases. */
export type Override = 'open' | 'closed' | 'disabled' | null;

/** One breaker in front of one neighbour. */
export interface Breaker {
  readonly name: string;
  /** When it last came back to `closed` from an outage; `null` before the first. */
  readonly closedAt: number | null;
  /**
   * Runs `work` if a call may pass now, and answers or throws what it does. Its signal aborts at the deadline
   * of a probe; otherwise a call ends when its work ends, so a slot around `run` is held until then.
   *
   * @throws {BreakerOpenError} when no call may pass; `retryAfterMs` is the time until one may at the latest.
   * @throws {AttemptTimeoutError} when a probe did not end within `probeTimeoutMs`.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>, options?: RunOptions): Promise<T>;
  /** Says whether a call would pass now. Asking changes nothing and reserves nothing. */
  isCallPermitted(): boolean;
  /** Shows everything; looking changes nothing. */
  view(): BreakerView;
  /** Shows its state alone, which is much cheaper. */
  stateView(): StateView;
  /** Opens it, if it is closed, because its neighbour let a call time out and gives no sign of life either. */
  trip(): void;
  /** Counts a call that the bulkhead in front turned away; it says nothing about the neighbour. */
  recordSaturated(): void;
  /**
   * Changes settings, answers what changed, and clears the window if anything did. A present open period keeps
   * its end; the new settings hold from the next one.
   *
   * @throws {InvalidSettingsError} when a setting is unknown or out of its range; nothing is changed then.
   */
  configure(settings: Partial<BreakerSettings>): readonly SettingChange[];
  /**
   * Holds it open or disabled (every call passes and is counted) until released or `ttlMs` have passed; `closed`
   * closes it now with an empty window and leaves the rest to the rules; `null` releases it into `closed`.
   *
   * @param options.ttlMs 1 to 86,400,000; for `open` and `disabled` only. Default 600,000.
   * @throws {RangeError} when `ttlMs` is out of its range.
   */
  override(force: Override, options?: { readonly ttlMs?: number }): void;
  /** Ends its timers; calls on their way end as late, and no other passes. */
  stop(): void;
}

/**
 * Creates a closed breaker with an empty window.
 *
 * @throws {InvalidSettingsError} when a setting is unknown or out of its range.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const { name, attemptTimeoutMs = null, events = createEventBus() } = options;
  const { clock = () => Date.now(), random = Math.random } = options;
  const rotation = new EventEmitter();
  const stats = createCallStats(name, { events, clock, onRotate: () => rotation.emit('rotate') });
  const rejections = createRejections(summarise);
  let settings = parseBreakerSettings(options.settings ?? {});
  let state: State = { kind: 'closed' };
  let since = clock();
  let closedAt: number | null = null;
  let generation = 0;
  let machine: Machine | null = null;
  /** The call on whose outcome opossum decides now. */
  let deciding: RunningCall | null = null;
  /** Failures since the last success of this state. */
  let inARow = 0;
  let stopped = false;
  let expiry: NodeJS.Timeout | undefined;
  renew();
  stats.openWindow(settings.windowMs);

  return {
    name,

    get closedAt() {
      return closedAt;
    },

    async run<T>(
      work: (signal: AbortSignal) => Promise<T>,
      { classify = classifyByDefault }: RunOptions = {},
    ) {
      if (!isCallPermitted()) throw reject();
      const call = begin(work, classify);
      // What fire() answers repeats the outcome that is on the call.
      if (machine) await machine.fire(call).then(settled, settled);
      else await perform(call);
      // A disabled breaker has no machine to land in: its calls count while it is still the same disabled state.
      if (call.state === 'disabled' && call.generation === generation && !stopped) land(call);
      else if (call.generation === generation && inARow >= settings.minCalls) considerRow();
      if (!call.landed) stats.end(call, { state: call.state, generation: call.generation, late: true });
      if ('error' in call.result) throw call.result.error;
      return call.result.value as T;
    },

    isCallPermitted,

    view() {
      const books = stats.view();
      const strained = state.kind === 'closed' && books.window.failures > 0;
      const rejected = rejections.total;
      return {
        ...toStateView(name, state),
        ...books,
        strained,
        since,
        rejected,
        config: config(),
        generation,
      };
    },

    stateView: () => toStateView(name, state),

    trip() {
      if (state.kind === 'closed' && !stopped) openBecause({ calls: 1, failures: 1 }, 'silent');
    },

    recordSaturated() {
      stats.refuse('saturated', { state: state.kind, generation, late: false });
    },

    configure(given) {
      const next = parseBreakerSettings(given, settings);
      const changed = toSettingChanges(settings, next);
      if (changed.length === 0) return changed;
      settings = next;
      inARow = 0;
      // Only a closed machine decides by the settings. An open one keeps its timer, a half-open one its probe:
      // a fresh instance would let a second probe out beside the first.
      if (state.kind === 'closed') renew();
      stats.openWindow(settings.windowMs);
      const at = clock();
      events.emit('configured', {
        name,
        at,
        state: state.kind,
        changed,
        windowCleared: true,
        config: config(),
      });
      return changed;
    },

    override(mode, { ttlMs = overrideDefaultMs } = {}) {
      if (!(ttlMs >= 1 && ttlMs <= overrideMaxMs)) {
        throw new RangeError(`ttlMs must be from 1 to ${overrideMaxMs}, got ${ttlMs}`);
      }
      if (mode === null && !('until' in state)) return;
      if (mode === null) return enter({ kind: 'closed' }, 'released');
      if (mode === 'closed') return enter({ kind: 'closed' }, 'forced');
      enter({ kind: mode === 'open' ? 'forced_open' : 'disabled', until: clock() + ttlMs }, 'forced');
      expiry = setTimeout(() => enter({ kind: 'closed' }, 'expired'), ttlMs);
      expiry.unref();
    },

    stop() {
      stopped = true;
      clearTimeout(expiry);
      rejections.stop();
      machine?.shutdown();
    },
  };

  function isCallPermitted(): boolean {
    if (stopped) return false;
    // An open machine whose time is over is ready to probe; whether this breaker may is another question.
    return machine
      ? machine.closed || (machine.pendingClose && state.kind !== 'open')
      : state.kind === 'disabled';
  }

  function reject(): BreakerOpenError {
    rejections.add();
    stats.refuse('rejected', { state: state.kind, generation, late: false });
    const now = clock();
    const shown = toStateView(name, state);
    const opensAt = shown.probeAt ?? shown.probeUntil ?? shown.until ?? now;
    const message = stopped ? `The breaker ${name} is stopped.` : toDetail(shown, now);
    // A hand may let go at any time; who was sent away for all of it would not hear of that.
    const atMostMs = state.kind === 'forced_open' ? settings.openMs : Number.POSITIVE_INFINITY;
    const retryAfterMs = Math.min(atMostMs, Math.max(0, opensAt - now));
    return new BreakerOpenError(message, { retryAfterMs, lasting: toLastingDetail(shown) });
  }

  function begin(work: RunningCall['work'], classify: RunningCall['classify']): RunningCall {
    const isProbe = state.kind === 'half_open';
    const startedAt = clock();
    if (state.kind === 'half_open') state = { ...state, probeUntil: startedAt + settings.probeTimeoutMs };
    stats.begin();
    return {
      work,
      classify,
      startedAt,
      generation,
      state: state.kind,
      deadlineMs: isProbe ? settings.probeTimeoutMs : null,
      outcome: 'ignored',
      result: { value: undefined },
      landed: false,
    };
  }

  /** An outcome of the present generation; runs before opossum counts it and decides. */
  function land(call: RunningCall): void {
    call.landed = true;
    deciding = call;
    stats.end(call, { state: call.state, generation: call.generation, late: false });
    // Counted at the end, not at the start: calls on their way and ignored ones would dilute the share.
    if (machine && isCounted(call.outcome)) (machine.status as CountingStatus).increment('fires');
    if (call.outcome === 'success') inARow = 0;
    else if (isCounted(call.outcome)) inARow += 1;
    if (state.kind !== 'half_open') return;
    const goodProbes = call.outcome === 'success' ? state.goodProbes + 1 : state.goodProbes;
    state = { ...state, goodProbes };
    const isDecided =
      call.outcome !== 'ignored' && (call.outcome !== 'success' || goodProbes >= settings.probeSuccesses);
    if (isDecided) return;
    // opossum would close now. In a discarded instance it cannot, and the fresh one waits for the next probe.
    state = { ...state, probeUntil: null };
    renew();
  }

  /** opossum opened: by its share in a closed breaker, or by a bad probe. */
  function opened({ fires, failures }: CircuitBreaker.Stats): void {
    const at = clock();
    if (state.kind === 'closed' && fires > failures && options.isLastHealthy?.()) {
      inARow = 0;
      renew();
      stats.openWindow(settings.windowMs);
      return;
    }
    const { lastError } = stats;
    const because = {
      calls: fires,
      failures,
      ratio: failures / fires,
      threshold: settings.thresholdRatio,
      lastError,
    };
    const outage = state.kind === 'half_open' ? toLonger(state.outage, at, lastError) : toOutage(because, at);
    const probeFault = deciding?.outcome === 'timeout' ? 'probe-timeout' : 'probe-failed';
    const reason = state.kind === 'half_open' ? probeFault : 'threshold';
    // A neighbour that says when to come back knows better than a fixed time, and is not kept waiting longer.
    const askedMs = toRetryAfterMs(deciding) ?? Number.POSITIVE_INFINITY;
    const openMs = Math.min(askedMs, toOpenPeriodMs(settings, outage.failedProbes, random));
    enter({ kind: 'open', outage, probeAt: at + openMs }, reason);
  }

  /** Every one of the last calls failed, though opossum did not open. */
  function considerRow(): void {
    if (state.kind !== 'closed' || stopped || !options.isReplaceable?.()) return;
    openBecause({ calls: inARow, failures: inARow }, 'in-a-row');
  }

  /** Opens by a rule of ours; a threshold of 1 never opens, whatever the rule. */
  function openBecause(counted: { calls: number; failures: number }, reason: 'in-a-row' | 'silent'): void {
    if (settings.thresholdRatio >= 1) return;
    const at = clock();
    const { lastError } = stats;
    const because = { ...counted, ratio: 1, threshold: settings.thresholdRatio, lastError };
    enter({ kind: 'open', outage: toOutage(because, at), probeAt: at + settings.openMs }, reason);
  }

  /** opossum's own timer ran out. */
  function openTimeOver(): void {
    if (state.kind !== 'open') return;
    if (options.askProbe === undefined) {
      halfOpened();
      return;
    }
    const asked = generation;
    const forMs = toOpenPeriodMs(settings, state.outage.failedProbes + 1, random);
    options.askProbe(forMs).then(
      (waitMs) => {
        if (generation === asked && !stopped) (waitMs > 0 ? postpone : halfOpened)(waitMs);
      },
      () => {
        if (generation === asked && !stopped) halfOpened();
      },
    );
  }

  /** Another replica probes. Asking again before its time is over finds out sooner that the neighbour is well. */
  function postpone(waitMs: number): void {
    if (state.kind !== 'open') return;
    state = { ...state, probeAt: clock() + waitMs };
    renew(Math.min(waitMs, askProbeAgainMs));
  }

  function halfOpened(): void {
    if (state.kind !== 'open') return;
    enter({ kind: 'half_open', outage: state.outage, probeUntil: null, goodProbes: 0 }, 'open-time-over');
  }

  function enter(next: State, reason: TransitionReason): void {
    const at = clock();
    const left = state;
    const { window } = stats.view();
    const told = { lastedMs: at - since, rejected: rejections.total };
    const outage = 'outage' in left ? left.outage : 'outage' in next ? next.outage : null;
    const isProbed = reason === 'probe-ok' || reason === 'probe-failed' || reason === 'probe-timeout';
    clearTimeout(expiry);
    state = next;
    since = at;
    inARow = 0;
    if (next.kind === 'closed' && outage !== null) closedAt = at;
    renew();
    stats.openWindow(settings.windowMs);
    if (next.kind === 'closed' || next.kind === 'disabled') rejections.stop();
    else rejections.start();
    if (left.kind === next.kind) return;
    const { openedAt: _, ...shown } = toStateView(name, next);
    events.emit('transition', {
      ...told,
      name,
      at,
      from: left.kind,
      to: next.kind,
      reason,
      because: shown.openedBecause ?? outage?.because ?? null,
      window: { calls: window.calls, failures: window.failures, ratio: window.ratio },
      probeAt: shown.probeAt,
      until: shown.until,
      lastError: stats.lastError,
      downMs: next.kind === 'closed' && outage !== null ? at - outage.downSince : null,
      probeMs: isProbed && deciding !== null ? toDurationMs(deciding, at) : null,
      failedProbes: shown.failedProbes,
      generation,
      config: config(),
    });
  }

  /** Puts a fresh opossum instance in place of the last one, which decides nothing from now on. */
  function renew(periodMs?: number): void {
    machine?.shutdown();
    generation += 1;
    machine = null;
    if (state.kind === 'forced_open' || state.kind === 'disabled') return;
    const openMs = periodMs ?? (state.kind === 'open' ? state.probeAt - clock() : settings.openMs);
    const fresh = createMachine({ name, settings, state: state.kind, openMs, rotation });
    fresh.prependListener('success', land);
    fresh.prependListener('failure', land);
    fresh.on('open', () => opened(fresh.stats));
    fresh.on('halfOpen', openTimeOver);
    fresh.on('close', () => enter({ kind: 'closed' }, 'probe-ok'));
    machine = fresh;
  }

  function summarise(count: number): void {
    const { probeAt, until } = toStateView(name, state);
    const total = rejections.total;
    const perMs = summaryEveryMs;
    events.emit('rejections', { name, at: clock(), state: state.kind, count, perMs, total, probeAt, until });
  }

  function config(): BreakerConfig {
    return { ...settings, attemptTimeoutMs };
  }
}

/** What every instance runs; it is rejected with the call itself when the outcome speaks against the neighbour. */
async function settle(call: RunningCall): Promise<RunningCall> {
  await perform(call);
  if (call.outcome === 'failure' || call.outcome === 'timeout') throw call;
  return call;
}

function settled(): void {}

type Machine = CircuitBreaker<[RunningCall], RunningCall>;

/** The types of opossum leave out `increment` and the `state` option. */
type CountingStatus = CircuitBreaker.Status & { increment(property: 'fires'): void };
type MachineOptions = CircuitBreaker.Options<[RunningCall]> & { state: Partial<CircuitBreaker.State> };

interface MachineParts {
  readonly name: string;
  readonly settings: BreakerSettings;
  readonly state: 'closed' | 'open' | 'half_open';
  readonly openMs: number;
  readonly rotation: EventEmitter;
}

function createMachine({ name, settings, state, openMs, rotation }: MachineParts): Machine {
  // A fresh object each time: opossum writes its defaults into the one it is given.
  const options: MachineOptions = {
    name,
    timeout: false,
    errorThresholdPercentage: settings.thresholdRatio * 100,
    volumeThreshold: settings.minCalls,
    resetTimeout: openMs,
    rollingCountTimeout: settings.windowMs,
    rollingCountBuckets: windowBuckets,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    rotateBucketController: rotation,
    state: { closed: state === 'closed', halfOpen: state === 'half_open' },
  };
  const machine = new CircuitBreaker<[RunningCall], RunningCall>(settle, options);
  // opossum counts a call when it begins; here it is counted when it lands.
  machine.removeAllListeners('fire');
  return machine;
}
