/**
 * The time for which a caller still waits.
 *
 * A call to a neighbour gets what is left minus a margin, so that the neighbour gives up first and its answer arrives
 * in time.
 */
import { DeadlineExceededError } from './errors.ts';

/** Milliseconds since some fixed point. */
export type Clock = () => number;

/**
 * The wall clock, for times that are stored, shown, or compared with those of other processes. It jumps when it is set
 * and after the machine has slept.
 */
export const systemClock: Clock = () => Date.now();

/** Measures durations within this process: it never runs backwards, and stops while the machine sleeps. */
export const monotonicClock: Clock = () => performance.now();

/** Milliseconds kept back from a neighbour: a round trip on a local network. */
export const marginMs = 20;

/** The point in time at which the caller stops waiting. */
export interface Deadline {
  /** Milliseconds left, rounded down; 0 when the time is over. */
  leftMs(): number;
  /**
   * Call it before work begins.
   * @throws {DeadlineExceededError} when no more than the margin is left.
   */
  throwIfExpired(): void;
}

/** Creates a deadline `timeoutMs` from now. */
export function createDeadline(timeoutMs: number, clock: Clock = monotonicClock): Deadline {
  const endsAt = clock() + timeoutMs;
  const leftMs = () => Math.max(0, Math.floor(endsAt - clock()));
  return {
    leftMs,
    throwIfExpired() {
      if (leftMs() > marginMs) return;
      throw new DeadlineExceededError(
        `The caller waits for ${timeoutMs} ms in all; ${leftMs()} ms are left, too few to begin.`,
      );
    },
  };
}
