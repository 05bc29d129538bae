/**
 * How long the last commits took to reach the disk, which decides which thread waits for the next one.
 *
 * A slow flush on the server's thread keeps every reader waiting; a quick one costs less than the way through another
 * thread. docs/decisions/0023 has the measurements.
 */

/** The times of the last flushes. */
export interface FlushTimes {
  /** Starts the clock; call the function that it returns when the commit is on disk. */
  begin(): () => void;
  /** Whether the running mean is above the limit; true before the first flush. */
  areSlow(): boolean;
}

/** The mean in milliseconds up to which flushes are quick. On an idle SSD it is 0.5, on a disk that others use 4 to 8. */
export const quickMs = 2;

/** Weight of one flush in the mean: a single slow one of 50 ms is forgotten after about 50 quick ones. */
const weight = 1 / 16;

/** Begins without times; `now` is a monotonic clock in milliseconds. */
export function createFlushTimes(now: () => number = () => performance.now()): FlushTimes {
  let mean = 2 * quickMs;
  return {
    begin() {
      const startedAt = now();
      return () => {
        mean += (now() - startedAt - mean) * weight;
      };
    },
    areSlow: () => mean > quickMs,
  };
}
