/**
 * The few retries that a request can wait for. The relay owns retries without limit; these only spare the client a 202.
 *
 * Retried is what is safe and may help: every create is idempotent by its id, so a refused or broken connection, a
 * time-out and a 5xx are; a call that was not sent, a misconfiguration and an expired deadline are not.
 */
import { NeighbourError } from '../errors.ts';
import type { RetryBudget } from './budget.ts';
import { type Deadline, marginMs } from './deadline.ts';

/** How to retry. */
export interface RetrySettings {
  /** All attempts, the first one included; minimum 1. */
  readonly attempts: number;
  readonly budget: RetryBudget;
  /** Numbers from 0 to 1, 1 excluded: full jitter. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** First wait in milliseconds; it doubles, and each is a random share of it. */
const firstWaitMs = 50;

/** Runs `attempt` until it succeeds, cannot be retried, or attempts, budget or time are used up; then throws the last error. */
export async function retry<T>(
  { attempts, budget, random, sleep }: RetrySettings,
  deadline: Deadline,
  attempt: () => Promise<T>,
): Promise<T> {
  budget.earn();
  for (let made = 1; ; made += 1) {
    try {
      return await attempt();
    } catch (error) {
      const waitMs = Math.ceil(random() * firstWaitMs * 2 ** (made - 1));
      const hasTime = deadline.leftMs() - waitMs > 2 * marginMs;
      if (made >= attempts || !isRetryable(error) || !hasTime || !budget.spend()) throw error;
      await sleep(waitMs);
    }
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof NeighbourError && error.code !== 'neighbour-misconfigured';
}
