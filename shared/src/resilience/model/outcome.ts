/** What a run of a policy in a scenario measured; the same for a simulation and for real processes. */
import type { BreakerState, TransitionReason } from '../breaker-state.ts';

/** The measures of one run. Latencies count from the moment in which a call was due, in milliseconds. */
export interface RunOutcome {
  /** Calls of customers. */
  readonly calls: number;
  /** Answered well within the deadline. */
  readonly good: number;
  /** All others: what a user sees as a failure. Includes `rejected`. */
  readonly failed: number;
  /** Ended by the caller's own side without any attempt that failed: breaker open, bulkhead full. */
  readonly rejected: number;
  /** Rejected calls while the neighbour had no fault. */
  readonly rejectedWhileWell: number;
  /** Attempts that were sent. */
  readonly sent: number;
  /** Attempts that brought nothing: they failed or timed out, or their caller was gone. */
  readonly wasted: number;
  /** `sent / calls`; 1 without retries and rejections, 0 without calls. */
  readonly amplification: number;
  /** Of good calls; `null` without any. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Good calls a second before the first fault, or in the whole run without one; `null` when there was no such time. */
  readonly goodputBefore: number | null;
  /**
   * From the end of the last fault to the first of five whole seconds in a row whose share of good calls is at least
   * 95 % of the share before; 0 without a fault, `null`: never within the run.
   */
  readonly recoveredAfterMs: number | null;
  /** How often a breaker left `closed`. */
  readonly opened: number;
  /** From the beginning of the first fault to the first opening; `null` without one. */
  readonly openedAfterMs: number | null;
  readonly transitions: readonly RunTransition[];
  /** One for each second of the load, and for those after it until the last call has ended. */
  readonly perSecond: readonly RunSecond[];
}

/** A breaker changed its state. */
export interface RunTransition {
  readonly atMs: number;
  /** Counted from 0. */
  readonly instance: number;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: TransitionReason;
}

/** One second; a call belongs to the second in which it was due, an attempt to the one in which it was sent. */
export interface RunSecond {
  readonly calls: number;
  readonly good: number;
  readonly failed: number;
  readonly rejected: number;
  readonly sent: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Calls in flight at its end. */
  readonly inFlight: number;
  /** Of the first instance, at its end; `null` without a breaker. */
  readonly state: BreakerState | null;
}
