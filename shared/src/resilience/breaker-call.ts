/**
 * One call through a breaker: runs the work with an AbortSignal of its own and determines its one outcome.
 *
 * A probe has a deadline here; every other call ends when its work ends, because a bulkhead around the breaker may
 * free its slot only then. The attempt timeout belongs to the caller.
 */

import type { BreakerState, Outcome } from './breaker-state.ts';
import { AttemptTimeoutError, NeighbourError, NotSentError } from './errors.ts';

/** What an error thrown by the work means for the neighbour's health; `ignored` means nothing. */
export type Verdict = 'success' | 'failure' | 'timeout' | 'ignored';

/** A call in flight; `outcome` and `result` are final once {@link perform} has resolved. */
export interface RunningCall {
  readonly work: (signal: AbortSignal) => Promise<unknown>;
  readonly classify: (error: unknown) => Verdict;
  readonly startedAt: number;
  /** The state and generation in which it began. */
  readonly state: BreakerState;
  readonly generation: number;
  /** Milliseconds; only for a probe. */
  readonly deadlineMs: number | null;
  /** Nobody waits for it. */
  readonly background: boolean;
  /** It repeats an attempt that failed. */
  readonly retry?: true;
  outcome: Outcome;
  result: { readonly value: unknown } | { readonly error: unknown };
  /** Whether it ended in the generation in which it began. */
  landed: boolean;
}

/** Creates a call that has not ended. */
export function createCall(call: Omit<RunningCall, 'outcome' | 'result' | 'landed'>): RunningCall {
  return { ...call, outcome: 'ignored', result: { value: undefined }, landed: false };
}

/** The default: an `AttemptTimeoutError` is a timeout, a `NotSentError` is ignored, anything else is a failure. */
export function classifyByDefault(error: unknown): Verdict {
  if (error instanceof AttemptTimeoutError) return 'timeout';
  return error instanceof NotSentError ? 'ignored' : 'failure';
}

/** Runs the work to its end, or a probe to its deadline, and sets outcome and result of the call. Never rejects. */
export async function perform(call: RunningCall): Promise<void> {
  try {
    call.result = { value: await begin(call) };
    call.outcome = 'success';
  } catch (error) {
    judge(call, error);
  }
}

/** Whether an outcome counts in the share of failures. */
export function isCounted(outcome: Outcome): boolean {
  return outcome === 'success' || outcome === 'failure' || outcome === 'timeout';
}

/** The wait that the neighbour asked for in its answer to this call, if any; at least 100 ms. */
export function toRetryAfterMs(call: RunningCall | null): number | undefined {
  if (call === null || !('error' in call.result)) return undefined;
  const { error } = call.result;
  if (!(error instanceof NeighbourError) || error.retryAfterMs === undefined) return undefined;
  return Math.max(100, error.retryAfterMs);
}

class ProbeTimeoutError extends AttemptTimeoutError {}

function begin(call: RunningCall): Promise<unknown> {
  const controller = new AbortController();
  const { deadlineMs } = call;
  if (deadlineMs === null) return call.work(controller.signal);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const error = new ProbeTimeoutError(`The probe did not end within ${deadlineMs} ms.`);
      reject(error);
      controller.abort(error);
    }, deadlineMs);
    timer.unref();
    const end = () => clearTimeout(timer);
    const work = async () => call.work(controller.signal);
    work().finally(end).then(resolve, reject);
  });
}

function judge(call: RunningCall, error: unknown): void {
  try {
    call.result = { error };
    call.outcome = error instanceof ProbeTimeoutError ? 'timeout' : call.classify(error);
  } catch (bug) {
    // Without a verdict a probe would never end; the caller gets the error of its own classifier.
    call.result = { error: bug };
    call.outcome = 'failure';
  }
}
