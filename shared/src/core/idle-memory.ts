/**
 * Returns memory to the system after a burst of work.
 *
 * V8 collects garbage only when something is allocated, so the garbage of a burst, and the young generation that has
 * grown, stay for as long as the process is idle. A timer checks now and then, and runs one full collection when enough
 * memory can be freed. It never runs under load.
 */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A measurement of the process. */
export interface MemorySample {
  /** Milliseconds of a monotonic clock. */
  readonly now: number;
  /** Resident bytes of the process. */
  readonly residentBytes: number;
  /** Share of the time since the last measurement in which the event loop was busy. */
  readonly busyRatio: number;
}

/** Decides at each measurement whether to collect now. */
export interface IdleMemory {
  isDue(look: MemorySample): boolean;
  /** Records the resident bytes after a collection. */
  collected(residentBytes: number): void;
}

const lookEveryMs = 5000;
/** A lower busy ratio is calm, a higher one is a burst. */
const busy = { calmRatio: 0.3, burstRatio: 0.6 } as const;
/** Calm measurements in a row before a collection: a pause within a burst is not its end. */
const calmLooks = 2;
/** Minimum of resident bytes, as a multiple of those after the last collection. */
const worthRatio = 1.1;
/** Milliseconds between two collections; doubles while the memory is soon used again, as by little but steady work. */
const waits = { leastMs: 15_000, mostMs: 3_600_000 } as const;
/** Milliseconds after which memory that was not used again resets the wait. */
const settledMs = 40_000;

/** Creates the decision; the first measurement is the baseline. */
export function createIdleMemory(): IdleMemory {
  let needed: number | undefined;
  let calm = 0;
  let givenAt = Number.NEGATIVE_INFINITY;
  let waitMs: number = waits.leastMs;

  return {
    isDue({ now, residentBytes, busyRatio }) {
      needed ??= residentBytes;
      calm = busyRatio < busy.calmRatio ? calm + 1 : 0;
      const isMore = residentBytes > needed * worthRatio;
      const hasSettled = !isMore && now - givenAt >= settledMs;
      if (hasSettled || busyRatio > busy.burstRatio) waitMs = waits.leastMs;
      if (!isMore || calm < calmLooks || now - givenAt < waitMs) return false;
      givenAt = now;
      waitMs = Math.min(waits.mostMs, waitMs * 2);
      return true;
    },
    collected(residentBytes) {
      needed = residentBytes;
    },
  };
}

/** Starts the timer, which does not keep the process alive. */
export function startIdleCollection(): void {
  const memory = createIdleMemory();
  const collect = openCollector();
  let seen = performance.eventLoopUtilization();
  setInterval(() => {
    const utilization = performance.eventLoopUtilization();
    const { utilization: busyRatio } = performance.eventLoopUtilization(utilization, seen);
    seen = utilization;
    const look = { now: performance.now(), residentBytes: process.memoryUsage.rss(), busyRatio };
    if (!memory.isDue(look)) return;
    // Only this flavor also returns freed pages to the system; a regular collection keeps them.
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    memory.collected(process.memoryUsage.rss());
  }, lookEveryMs).unref();
}

/**
 * V8's own `gc`, without a flag on the command line. The inspector can collect too, but deadlocks when its session is
 * closed too early.
 */
function openCollector(): NodeJS.GCFunction {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as NodeJS.GCFunction;
}
