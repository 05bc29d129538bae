/**
 * A circuit breaker: opossum decides, and is given only what counts (docs/breaker.md; sixteen reasons in
 * docs/breaker-conformance.md).
 *
 * This file is what a caller sees. Its parts are state-machine.ts, opening-rules.ts, probing.ts, breaker-override.ts
 * and opossum-machine.ts. Nothing is logged here: subscribe to the events in breaker-events.ts.
 */
import { EventEmitter } from 'node:events';
import { classifyByDefault, createCall, type RunningCall, type Verdict } from './breaker-call.ts';
import type { BreakerConfig, BreakerEvents } from './breaker-events.ts';
import { createOverrides, type Override } from './breaker-override.ts';
import { createRejections } from './breaker-rejections.ts';
import {
  type BreakerSettings,
  parseBreakerSettings,
  type SettingChange,
  toSettingChanges,
} from './breaker-settings.ts';
import { type BreakerView, type StateView, toBreakerView } from './breaker-view.ts';
import { createCallStats, type OutcomeContext } from './call-stats.ts';
import { createEventBus } from './event-bus.ts';
import { createOpeningRules, type PeerRules } from './opening-rules.ts';
import { type AskProbe, createProbing } from './probing.ts';
import { type BreakerParts, createStateMachine, type StateMachine } from './state-machine.ts';

/** The parts and settings of a breaker; all but the name have defaults. */
export interface BreakerOptions extends PeerRules {
  /** `front→back`, or per instance `front→back@host:port`. */
  readonly name: string;
  readonly settings?: Partial<BreakerSettings>;
  /** The bus for its events. @default one of its own, without listeners */
  readonly events?: BreakerEvents;
  /** The attempt timeout that the caller enforces; the breaker only shows it in events and texts, and reads it anew for each. */
  readonly attemptTimeoutMs?: number;
  /** Milliseconds since 1970. @default Date.now */
  readonly clock?: () => number;
  /** 0 to 1, for jitter. @default Math.random */
  readonly random?: () => number;
  /** Asked when an open period is over; without it this breaker probes. */
  readonly askProbe?: AskProbe;
}

/** How one call is judged. */
export interface RunOptions {
  /** Whether an error thrown by the work counts against the neighbour. @default classifyByDefault */
  readonly classify?: (error: unknown) => Verdict;
  /** Nobody waits for it; it is judged as any other and only counted apart. @default false */
  readonly background?: boolean;
  /** It repeats an attempt of the same call that failed; only its event says so. @default false */
  readonly isRetry?: boolean;
}

/** One breaker in front of one neighbour. */
export interface Breaker {
  readonly name: string;
  /** When it last came back to `closed` from an outage; `null` before the first. */
  readonly closedAt: number | null;
  /**
   * Runs `work` if a call may pass now; resolves and rejects as `work` does. The signal aborts at the deadline of a
   * probe; any other call ends when its work ends, so a bulkhead around `run` holds its slot until then.
   *
   * @throws {BreakerOpenError} when no call may pass; `retryAfterMs` is the time until one may at the latest.
   * @throws {AttemptTimeoutError} when a probe did not end within `probeTimeoutMs`.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>, options?: RunOptions): Promise<T>;
  /** Whether a call would pass now. Changes nothing and reserves nothing. */
  isCallPermitted(): boolean;
  /** The state, the numbers and the settings; reading changes nothing. */
  view(): BreakerView;
  /** The state alone, which is much cheaper. */
  stateView(): StateView;
  /** Opens it, if it is closed: a call timed out, and a liveness check of the neighbour failed too. */
  trip(): void;
  /** Counts a call that a full bulkhead rejected; it does not count against the neighbour. */
  recordSaturated(options?: Pick<RunOptions, 'background'>): void;
  /**
   * Changes settings, returns what changed, and clears the window if anything did. The current open period keeps
   * its end; the new settings apply from the next one.
   *
   * @throws {InvalidSettingsError} when a setting is unknown or out of its range; nothing is changed then.
   */
  configure(settings: Partial<BreakerSettings>): readonly SettingChange[];
  /**
   * Holds it open or disabled (every call passes and is counted) until released or until `ttlMs` have passed; `closed`
   * closes it now with an empty window, after which the rules apply; `null` releases it into `closed`.
   *
   * @param options.ttlMs 1 to 86,400,000; for `open` and `disabled` only. Default 600,000.
   * @throws {RangeError} when `ttlMs` is out of its range.
   */
  override(mode: Override, options?: { readonly ttlMs?: number }): void;
  /** Ends its timers; calls in flight end as late, and no other call passes. */
  stop(): void;
}

/**
 * Creates a closed breaker with an empty window.
 *
 * @throws {InvalidSettingsError} when a setting is unknown or out of its range.
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const { name, events = createEventBus() } = options;
  const { clock = () => Date.now(), random = Math.random } = options;
  let settings = parseBreakerSettings(options.settings ?? {});
  const config = (): BreakerConfig => ({ ...settings, attemptTimeoutMs: options.attemptTimeoutMs ?? null });
  const rotation = new EventEmitter();
  const stats = createCallStats(name, { events, clock, onRotate: () => rotation.emit('rotate') });
  const rejections = createRejections(events, clock, () => machine);
  const parts: BreakerParts = { name, clock, random, events, stats, rejections, rotation, config };
  const opening = createOpeningRules(parts, options, () => machine);
  const probing = createProbing(parts, options.askProbe, () => machine);
  const machine: StateMachine = createStateMachine(parts, { ...opening, ...probing });
  const overrides = createOverrides(machine, clock);

  return {
    name,
    get closedAt() {
      return machine.closedAt;
    },

    async run<T>(work: (signal: AbortSignal) => Promise<T>, runOptions: RunOptions = {}) {
      if (!machine.isCallPermitted()) {
        const error = rejections.reject(settings.openMs);
        stats.refuse('rejected', toContext(runOptions));
        throw error;
      }
      const call = begin(work, runOptions);
      await machine.fire(call);
      if (call.generation === machine.generation) opening.considerRow();
      if (!call.landed) stats.end(call, { late: true });
      if ('error' in call.result) throw call.result.error;
      return call.result.value as T;
    },

    isCallPermitted: machine.isCallPermitted,
    view: () => toBreakerView({ machine, stats, rejected: rejections.total, config: config() }),
    stateView: machine.view,
    trip: opening.trip,
    recordSaturated: (runOptions = {}) => stats.refuse('saturated', toContext(runOptions)),
    override: overrides.override,

    configure(given) {
      const next = parseBreakerSettings(given, settings);
      const changed = toSettingChanges(settings, next);
      if (changed.length === 0) return changed;
      settings = next;
      const state = machine.state.kind;
      // Only a closed machine decides by the settings. An open one keeps its timer, a half-open one its probe:
      // a fresh instance would let a second probe out beside the first.
      if (state === 'closed') machine.renew();
      stats.openWindow(settings.windowMs);
      events.emit('configured', { name, at: clock(), state, changed, windowCleared: true, config: config() });
      return changed;
    },

    stop() {
      overrides.stop();
      rejections.stop();
      machine.stop();
    },
  };

  function begin(work: RunningCall['work'], options: RunOptions): RunningCall {
    const { classify = classifyByDefault, background = false, isRetry = false } = options;
    const { state, generation } = machine;
    const startedAt = clock();
    const deadlineMs = state.kind === 'half_open' ? settings.probeTimeoutMs : null;
    if (state.kind === 'half_open')
      machine.update({ ...state, probeUntil: startedAt + settings.probeTimeoutMs });
    stats.begin();
    return createCall({
      ...{ work, classify, startedAt, generation, state: state.kind, deadlineMs, background },
      ...(isRetry ? { retry: true } : {}),
    });
  }

  /** Where a call that is not sent is counted. */
  function toContext({ background = false, isRetry = false }: RunOptions): OutcomeContext {
    const { state, generation } = machine;
    return { state: state.kind, generation, late: false, background, ...(isRetry ? { retry: true } : {}) };
  }
}
