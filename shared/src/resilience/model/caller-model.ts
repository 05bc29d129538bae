/**
 * The caller in virtual time: what `createPipeline` does with a call, from its deadline to its last attempt. The budget is
 * the real one; what is made of timers and promises has models. Tests compare it with the real pipeline, call by call.
 */
import { createRetryBudget, unlimitedBudget } from '../budget.ts';
import { marginMs } from '../deadline.ts';
import { toRetryWaitMs } from '../retry-wait.ts';
import {
  type AttemptEnd,
  type AttemptedCall,
  type AttemptModelOptions,
  createAttemptModel,
} from './attempt-model.ts';
import { createBulkheadModel } from './bulkhead-model.ts';
import type { Policy } from './policy.ts';

/** What became of a call: `rejected` by its own side without any attempt that was sent. */
export type CallEnd = 'good' | 'failed' | 'rejected';

/** What a caller in virtual time is made of. */
export interface CallerModelOptions extends AttemptModelOptions {
  readonly policy: Policy;
  /** 0 to 1, for the wait after so many attempts of a call. */
  readonly randomWait: (call: number, attempts: number) => number;
  readonly onCallEnd: (call: number, end: CallEnd) => void;
}

/** A caller in virtual time. */
export interface CallerModel {
  /** A call is due now. */
  call(index: number): void;
}

interface RunningCall extends AttemptedCall {
  readonly endsAt: number;
}

/** Creates a caller whose breakers are closed. */
export function createCallerModel(options: CallerModelOptions): CallerModel {
  const { policy, time, randomWait, onCallEnd } = options;
  const deadlineMs = policy.deadlineMs ?? Number.POSITIVE_INFINITY;
  const budget =
    policy.budget === null ? unlimitedBudget : createRetryBudget(policy.budget, () => time.nowMs);
  const bulkhead = createBulkheadModel(policy.bulkhead, time);
  const attempts = createAttemptModel<RunningCall>(options, endAttempt);

  return {
    call(index) {
      const call = { index, endsAt: time.nowMs + deadlineMs, tried: new Set<never>(), attempts: 0, sent: 0 };
      const leftMs = toLeftMs(call);
      if (leftMs > marginMs) {
        bulkhead.enter(
          leftMs,
          () => begin(call),
          () => {
            attempts.passOver();
            onCallEnd(index, 'rejected');
          },
        );
      } else onCallEnd(index, 'rejected');
    },
  };

  function begin(call: RunningCall): void {
    budget.earn();
    attempt(call);
  }

  function toLeftMs({ endsAt }: RunningCall): number {
    return Math.max(0, Math.floor(endsAt - time.nowMs));
  }

  function attempt(call: RunningCall): void {
    call.attempts += 1;
    const leftMs = toLeftMs(call);
    if (leftMs > marginMs) attempts.make(call, leftMs);
    else endAttempt(call, 'not-sent');
  }

  function endAttempt(call: RunningCall, end: AttemptEnd, retryAfterMs = 0): void {
    if (end === 'ok') {
      finish(call, 'good');
      return;
    }
    const waitMs = toRetryWaitMs(call.attempts, () => randomWait(call.index, call.attempts));
    const hasTime = toLeftMs(call) - waitMs > 2 * marginMs;
    const isOver = call.attempts >= policy.attempts || !mayHelp(call, end, waitMs, retryAfterMs);
    if (isOver || !hasTime || !budget.spend()) finish(call, call.sent === 0 ? 'rejected' : 'failed');
    else time.after(waitMs, () => attempt(call));
  }

  function mayHelp(call: RunningCall, end: AttemptEnd, waitMs: number, retryAfterMs: number): boolean {
    if (end === 'not-sent' || end === 'not-taken') return false;
    const isFailure = end === 'failed' || end === 'timeout';
    return (isFailure && retryAfterMs <= waitMs) || attempts.isElsewhere(call);
  }

  function finish({ index }: RunningCall, end: CallEnd): void {
    onCallEnd(index, end);
    bulkhead.leave();
  }
}
