/**
 * A few retries within the deadline of a call.
 *
 * A refused or broken connection, a time-out and a 5xx are retried, so the request must be idempotent. A neighbour that
 * is busy or misconfigured is not called again, but another instance is. A call that was not sent and a request that the
 * neighbour rejects are not retried.
 */

import { setTimeout } from 'node:timers/promises';
import type { RetryBudget } from './budget.ts';
import { type Deadline, marginMs } from './deadline.ts';
import { NeighbourError, toNeighbourFault } from './errors.ts';
import { toRetryWaitMs } from './retry-wait.ts';

/** How to retry. */
export interface RetrySettings {
  /** All attempts, the first one included; minimum 1. */
  readonly attempts: number;
  readonly budget: Pick<RetryBudget, 'earn' | 'spend'>;
  /** Numbers from 0 to 1, 1 excluded: full jitter. @default Math.random */
  readonly random?: () => number;
  /** @default setTimeout */
  readonly sleep?: (ms: number) => Promise<void>;
}

/**
 * Runs `attempt` until it succeeds, cannot be retried, or attempts, budget or time are used up; then throws the last
 * error. `isElsewhere` says whether the next attempt would go to an instance that was not tried yet.
 */
export async function retry<T>(
  { attempts, budget, random = Math.random, sleep = setTimeout }: RetrySettings,
  deadline: Deadline,
  attempt: () => Promise<T>,
  isElsewhere: () => boolean = () => false,
): Promise<T> {
  budget.earn();
  for (let made = 1; ; made += 1) {
    try {
      return await attempt();
    } catch (error) {
      const waitMs = toRetryWaitMs(made, random);
      const hasTime = deadline.leftMs() - waitMs > 2 * marginMs;
      if (made >= attempts || !mayHelp(error, waitMs, isElsewhere) || !hasTime || !budget.spend())
        throw error;
      await sleep(waitMs);
    }
  }
}

function mayHelp(error: unknown, waitMs: number, isElsewhere: () => boolean): boolean {
  if (!(error instanceof NeighbourError)) return false;
  const fault = toNeighbourFault(error);
  if (fault === 'request') return false;
  return (fault === 'failure' && (error.retryAfterMs ?? 0) <= waitMs) || isElsewhere();
}
