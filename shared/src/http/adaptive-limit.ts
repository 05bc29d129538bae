/**
 * How many requests may be in work at once, found by how long they take: a control law without a timer of its own.
 *
 * It aims at a latency and not at the least one ever seen: writes share commands, so that latency rises with the
 * throughput long before anything is overloaded, and whoever holds on to the least settles at almost nothing.
 */
import type { Clock } from '../resilience/deadline.ts';

/** Bounds and aim of a limit. */
export interface AdaptiveLimitSettings {
  /** The hard cap. */
  readonly max: number;
  /** Never fewer, unless the cap says so. */
  readonly min: number;
  /** The mean latency that it aims at. */
  readonly targetMs: number;
  readonly clock: Clock;
}

/** A limit that finds itself. */
export interface AdaptiveLimit {
  /** How many there may be now; a whole number. */
  value(): number;
  /** Hears that there was no room, or none left: only then would more be of use. */
  reached(): void;
  /** Hears that one is in work; the answer, called when it has ended, says how long that took. */
  begin(): () => void;
}

const everyMs = 100;
const leastSamples = 8;
const usualFirst = 64;
const steepest = { down: 0.8, up: 1.15 } as const;
/** After so long without any work, what was found in it says nothing about what comes. */
const forgetMs = 1000;
/** How far the aim may give way where fewer at once do not make it quicker, by how much, and how fast it comes back. */
const relief = { most: 3, step: 1.5, decay: 0.985 } as const;

/** Creates a limit that knows nothing yet. */
export function createAdaptiveLimit({ max, min, targetMs, clock }: AdaptiveLimitSettings): AdaptiveLimit {
  const floor = Math.min(min, max);
  const first = Math.min(Math.max(usualFirst, min), max);
  let limit = first;
  let aimMs = targetMs;
  let wasReached = false;
  let sumMs = 0;
  let samples = 0;
  let since = clock();
  let active = 0;
  let endedAt = since;

  return {
    value() {
      if (active === 0 && clock() - endedAt >= forgetMs) limit = Math.max(limit, first);
      return Math.floor(limit);
    },
    reached() {
      wasReached = true;
    },
    begin() {
      const begunAt = clock();
      active += 1;
      return () => {
        active -= 1;
        endedAt = clock();
        samples += 1;
        sumMs += endedAt - begunAt;
        if (samples < leastSamples || endedAt - since < everyMs) return;
        adjust(Math.max(1, sumMs / samples));
        since = endedAt;
        sumMs = 0;
        samples = 0;
        wasReached = false;
      };
    },
  };

  function adjust(meanMs: number): void {
    const step = Math.sqrt(aimMs / meanMs);
    if (step < 1) {
      // So few, and still slow: whoever is slow is somebody else, and turning more away would make nothing quicker.
      if (limit === floor) aimMs = Math.min(targetMs * relief.most, meanMs * relief.step);
      limit = Math.max(floor, limit * Math.max(steepest.down, step));
    } else if (wasReached) {
      limit = Math.min(max, limit * Math.min(steepest.up, step));
    }
    aimMs = Math.max(targetMs, aimMs * relief.decay);
  }
}
