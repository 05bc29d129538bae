/**
 * The events of a breaker.
 *
 * Events carry numbers and codes, times in milliseconds since 1970; breaker-words.ts turns them into sentences.
 */
import type { BreakerSettings, SettingChange } from './breaker-settings.ts';
import type { BreakerState, LastError, OpenedBecause, Outcome, TransitionReason } from './breaker-state.ts';
import type { EventBus } from './event-bus.ts';

/** The settings at the time of an event; `attemptTimeoutMs` is enforced by the caller and only shown here. */
export interface BreakerConfig extends BreakerSettings {
  readonly attemptTimeoutMs: number | null;
}

/** A breaker went from one state to another. */
export interface BreakerTransition {
  readonly name: string;
  readonly at: number;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: TransitionReason;
  /** The numbers that opened it; kept until it closes; `null` without an outage. */
  readonly because: OpenedBecause | null;
  /** Calls and failures in the window that ended with this transition; `ratio` is 0 to 1. */
  readonly window: { readonly calls: number; readonly failures: number; readonly ratio: number };
  /** When the next probe is due; only when it opened. */
  readonly probeAt: number | null;
  /** When a forced state expires; only when it was forced. */
  readonly until: number | null;
  readonly lastError: LastError | null;
  /** Calls rejected in the state that was left. */
  readonly rejected: number;
  /** Milliseconds in the state that was left. */
  readonly lastedMs: number;
  /** Milliseconds from leaving `closed` until it is back there after an outage; else `null`. */
  readonly downMs: number | null;
  /** Duration of the probe that decided; else `null`. */
  readonly probeMs: number | null;
  readonly failedProbes: number;
  readonly generation: number;
  readonly config: BreakerConfig;
}

/** One call ended; every call has exactly one such event. */
export interface BreakerCall {
  readonly name: string;
  readonly at: number;
  readonly outcome: Outcome;
  /** 0 for `rejected` and `saturated`, which were not sent. */
  readonly durationMs: number;
  /** It began in an older generation: it is counted and decides nothing. */
  readonly late: boolean;
  /** It was the probe of a half-open breaker. */
  readonly probe: boolean;
  /** Nobody waited for it: stored work was carried on. */
  readonly background: boolean;
  /** It repeats an attempt of the same call that failed. */
  readonly retry?: true;
  /** The state in which it began. */
  readonly state: BreakerState;
  readonly generation: number;
  readonly error: LastError | null;
}

/** Calls that were rejected in the last second; at most one such event a second, none without rejections. */
export interface BreakerRejections {
  readonly name: string;
  readonly at: number;
  readonly state: BreakerState;
  readonly count: number;
  readonly perMs: number;
  /** Rejections in the present state so far. */
  readonly total: number;
  readonly probeAt: number | null;
  readonly until: number | null;
}

/** Settings were changed while running; this always clears the window. */
export interface BreakerConfigured {
  readonly name: string;
  readonly at: number;
  readonly state: BreakerState;
  readonly changed: readonly SettingChange[];
  readonly windowCleared: true;
  readonly config: BreakerConfig;
}

/** Every kind of event of a breaker with its content. */
export interface BreakerEventMap {
  readonly transition: BreakerTransition;
  readonly call: BreakerCall;
  readonly rejections: BreakerRejections;
  readonly configured: BreakerConfigured;
}

/** The bus of a breaker's events. */
export type BreakerEvents = EventBus<BreakerEventMap>;
