/**
 * The states of a breaker as a union in which each state carries only what is legal in it, and the names of states,
 * outcomes and reasons in answers, logs and metrics.
 *
 * Transitions are made in state-machine.ts.
 */

/** The five states, as answers name them. */
export type BreakerState = 'closed' | 'open' | 'half_open' | 'forced_open' | 'disabled';

/** The outcome of a call. Only `success`, `failure` and `timeout` were sent and count. */
export type Outcome = 'success' | 'failure' | 'timeout' | 'rejected' | 'ignored' | 'saturated';

/** All outcomes, in the sequence in which tables show them. */
export const outcomes: readonly Outcome[] = [
  'success',
  'failure',
  'timeout',
  'rejected',
  'ignored',
  'saturated',
];

/** Creates a count of zero for every outcome. */
export function zeroCounts(): Record<Outcome, number> {
  return { success: 0, failure: 0, timeout: 0, rejected: 0, ignored: 0, saturated: 0 };
}

/** The reason of a transition. */
export type TransitionReason =
  | 'threshold'
  | 'in-a-row'
  | 'silent'
  | 'open-time-over'
  | 'probe-ok'
  | 'probe-failed'
  | 'probe-timeout'
  | 'forced'
  | 'released'
  | 'expired';

/** The last error that counted; `code` is its stable code when it has one, else its name. */
export interface LastError {
  readonly code: string;
  readonly message: string;
  /** When it ended, milliseconds since 1970. */
  readonly at: number;
}

/** The numbers that opened a breaker. `ratio` and `threshold` are shares, 0 to 1. */
export interface OpenedBecause {
  readonly calls: number;
  readonly failures: number;
  readonly ratio: number;
  readonly threshold: number;
  readonly lastError: LastError | null;
}

/** What is kept from the first opening until the breaker closes again. */
export interface Outage {
  /** When it left `closed`. */
  readonly downSince: number;
  /** When the current or last open period began. */
  readonly openedAt: number;
  readonly failedProbes: number;
  readonly because: OpenedBecause;
}

/** A state with what belongs to it; all times in milliseconds since 1970. */
export type State =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly outage: Outage; readonly probeAt: number }
  | {
      readonly kind: 'half_open';
      readonly outage: Outage;
      /** When the running probe must have ended; `null` while the next call is the probe. */
      readonly probeUntil: number | null;
      readonly goodProbes: number;
    }
  | { readonly kind: 'forced_open'; readonly until: number }
  | { readonly kind: 'disabled'; readonly until: number };

/** Creates the outage of a closed breaker that opens. */
export function toOutage(because: OpenedBecause, at: number): Outage {
  return { downSince: at, openedAt: at, failedProbes: 0, because };
}

/** Continues an outage after a failed probe. The numbers stay those that opened the breaker. */
export function toContinuedOutage(outage: Outage, at: number, lastError: LastError | null): Outage {
  const because = { ...outage.because, lastError };
  return { ...outage, openedAt: at, failedProbes: outage.failedProbes + 1, because };
}
