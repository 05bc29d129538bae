/**
 * Counts rejected calls: all of the present state, and those of the last second for one summary a second.
 */

/** Time between two summaries. */
export const summaryEveryMs = 1_000;

/** Counts rejections of the present state. */
export interface Rejections {
  /** Rejections since the last start. */
  readonly total: number;
  add(): void;
  /** Counts from zero again and reports every second in which calls were rejected; the timer holds no process. */
  start(): void;
  /** Counts from zero again and reports nothing. */
  stop(): void;
}

/** Creates a counter that reports nothing yet; `onSummary` gets the rejections of the last second, never 0. */
export function createRejections(onSummary: (count: number) => void): Rejections {
  let total = 0;
  let reported = 0;
  let timer: NodeJS.Timeout | undefined;

  const report = () => {
    const count = total - reported;
    reported = total;
    if (count > 0) onSummary(count);
  };

  const stop = () => {
    clearInterval(timer);
    total = 0;
    reported = 0;
  };

  return {
    get total() {
      return total;
    },
    add() {
      total += 1;
    },
    start() {
      stop();
      timer = setInterval(report, summaryEveryMs);
      timer.unref();
    },
    stop,
  };
}
