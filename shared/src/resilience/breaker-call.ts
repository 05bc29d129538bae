/**
 * One call through a breaker: runs the work with an AbortSignal of its own and finds its one outcome.
 *
 * A probe has a deadline here; every other call ends when its work ends, because a slot in front of the
 * breaker may be given free only then. The attempt timeout belongs to the caller.
 */

import type { BreakerState, Outcome } from './breaker-state.ts';
import { AttemptTimeoutError, NeighbourError, NotSentError } from './errors.ts';

/** What an error thrown by the work means for the neighbour's health; `ignored` says nothing about it. */
export type Verdict = 'success' | 'failure' | 'timeout' | 'ignored';

/** A call on its way; `outcome` and `result` are final once {@link perform} has resolved. */
export interface RunningCall {
  readonly work: (signal: AbortSignal) => Promise<unknown>;
  readonly classify: (error: unknown) => Verdict;
  readonly startedAt: number;
  /** The state and generation in which it began. */
  readonly state: BreakerState;
  readonly generation: number;
  /** Only a probe has one. */
  readonly deadlineMs: number | null;
  outcome: Outcome;
  result: { readonly value: unknown } | { readonly error: unknown };
  /** Whether its outcome arrived in the generation in which it began. */
  landed: boolean;
}

/** Creates a call that has not ended. */
export function createCall(call: Omit<RunningCall, 'outcome' | 'result' | 'landed'>): RunningCall {
  return { ...call, outcome: 'ignored', result: { value: undefined }, landed: false };
}

/** The verdict of a caller that gives none: a timeout of ours, "not sent" as ignored, anything else a failure. */
export function classifyByDefault(error: unknown): Verdict {
  if (error instanceof AttemptTimeoutError) return 'timeout';
  return error instanceof NotSentError ? 'ignored' : 'failure';
}

/** Runs the work to its end, or a probe to its deadline, and writes outcome and result into the call. Never rejects. */
export async function perform(call: RunningCall): Promise<void> {
  try {
    call.result = { value: await begin(call) };
    call.outcome = 'success';
  } catch (error) {
    judge(call, error);
  }
}

/** Says whether an outcome tells something about the neighbour, and so counts in the share of failures. */
export function isCounted(outcome: Outcome): boolean {
  return outcome === 'success' || outcome === 'failure' || outcome === 'timeout';
}

/** When the neighbour asked to be called again, if its answer to this call said so; at least 100 ms. */
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
    // Without a verdict a probe would stay open for ever; the caller gets the fault of its own classifier.
    call.result = { error: bug };
    call.outcome = 'failure';
  }
}
