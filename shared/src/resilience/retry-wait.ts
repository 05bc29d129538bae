/** How long a retry waits: full jitter, so that callers that failed together do not come back together. */

/** Upper bound of the first wait in milliseconds; it doubles, and each wait is a random share of it. */
const firstWaitMs = 50;

/** Milliseconds to wait after so many attempts; `random` returns 0 to 1. */
export function toRetryWaitMs(attemptsMade: number, random: () => number): number {
  return Math.ceil(random() * firstWaitMs * 2 ** (attemptsMade - 1));
}
