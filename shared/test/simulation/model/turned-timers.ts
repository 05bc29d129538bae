/**
 * Timers that are turned by hand, for the real parts: one runs after the other, and what it has set in motion ends before
 * the next. A plain list, so that it has nothing in common with the queue of the model.
 */

/** Runs real code in time that a test turns. */
export interface TurnedTimers {
  readonly nowMs: number;
  /** Goes on for so many milliseconds. */
  advance(ms: number): Promise<void>;
  /** Lets everything happen that waits for no timer. */
  settle(): Promise<void>;
  /** Puts the real timers back. */
  restore(): void;
}

interface Timer {
  readonly atMs: number;
  readonly work: () => void;
  unref(): void;
}

/** Puts timers in place of the global ones; what repeats never runs, since it only reports. */
export function turnTimers(): TurnedTimers {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval };
  const { setImmediate: later } = globalThis;
  const timers = new Set<Timer>();
  let nowMs = 0;
  const settle = () => new Promise<void>((resolve) => later(resolve));

  Object.assign(globalThis, {
    setTimeout(work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) {
      const timer: Timer = { atMs: nowMs + ms, work: () => work(...args), unref: () => undefined };
      timers.add(timer);
      return timer;
    },
    clearTimeout: (timer: Timer) => timers.delete(timer),
    setInterval: () => ({ unref: () => undefined }),
    clearInterval: () => undefined,
  });

  return {
    get nowMs() {
      return nowMs;
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      for (let next = findNext(untilMs); next !== undefined; next = findNext(untilMs)) {
        timers.delete(next);
        nowMs = next.atMs;
        next.work();
        await settle();
      }
      nowMs = untilMs;
    },
    settle,
    restore: () => void Object.assign(globalThis, real),
  };

  /** The first that was set, of those with the soonest moment. */
  function findNext(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of timers)
      if (timer.atMs <= untilMs && timer.atMs < (next?.atMs ?? Number.POSITIVE_INFINITY)) next = timer;
    return next;
  }
}
