/**
 * Gives memory back to the system after a burst, once the process has little to do.
 *
 * V8 collects when something is allocated, so after a burst nothing does: its garbage, and the pages of the young
 * generation that the burst made grow, stay for as long as it is quiet. Here somebody looks now and then, and asks for
 * one thorough collection where that is worth its pause and nobody is in a hurry. It never does under load.
 */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is known of the process at one look. */
export interface MemoryLook {
  /** Milliseconds on a clock that never runs backwards. */
  readonly now: number;
  /** Resident bytes of the process. */
  readonly residentBytes: number;
  /** The share of the time since the last look in which the event loop had work. */
  readonly busyRatio: number;
}

/** Decides, look by look, whether memory should be given back now. */
export interface IdleMemory {
  isDue(look: MemoryLook): boolean;
  /** Learns what was left after memory was given back. */
  given(residentBytes: number): void;
}

const lookEveryMs = 5000;
/** Less work than this is calm, more than that is a burst. */
const busy = { calmRatio: 0.3, burstRatio: 0.6 } as const;
/** So many calm looks in a row: a gap in a burst is not its end. */
const calmLooks = 2;
/** So much more than what stayed the last time, or the pause is not worth it. */
const worthRatio = 1.1;
/** From one time to the next; doubles while what was given back is taken again at once, as by a trickle of work. */
const waits = { leastMs: 15_000, mostMs: 3_600_000 } as const;
/** What is still given back after so long was worth it. */
const settledMs = 40_000;

/** Creates the decision; what the first look finds is what the process needs. */
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
    given(residentBytes) {
      needed = residentBytes;
    },
  };
}

/** Begins to look, for as long as the process lives; it does not keep the process alive. */
export function giveBackIdleMemory(): void {
  const memory = createIdleMemory();
  const collect = openCollector();
  let seen = performance.eventLoopUtilization();
  setInterval(() => {
    const utilization = performance.eventLoopUtilization();
    const { utilization: busyRatio } = performance.eventLoopUtilization(utilization, seen);
    seen = utilization;
    const look = { now: performance.now(), residentBytes: process.memoryUsage.rss(), busyRatio };
    if (!memory.isDue(look)) return;
    // Only this kind also returns the pages that it empties; a regular one keeps them for later.
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    memory.given(process.memoryUsage.rss());
  }, lookEveryMs).unref();
}

/**
 * V8's own `gc`, without a flag on the command line. The inspector offers a collection too, but deadlocks when its session
 * is closed too early.
 */
function openCollector(): NodeJS.GCFunction {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as NodeJS.GCFunction;
}
