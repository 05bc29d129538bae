/**
 * The time that a caller will still wait, carried from hop to hop in `Request-Timeout-Ms`.
 *
 * A hop passes on what is left minus a margin, so that the inner hop gives up first and its answer still counts.
 */
import { DeadlineExceededError } from './errors.ts';

/** Milliseconds since some fixed point. */
export type Clock = () => number;

/**
 * The wall clock, for times that are kept, shown, or compared with those of other processes. It jumps when somebody
 * sets it and after a sleep of the machine.
 */
export const systemClock: Clock = () => Date.now();

/** Measures durations within this process: it never runs backwards, and stands still while the machine sleeps. */
export const monotonicClock: Clock = () => performance.now();

/** Kept back from what is passed on: the way there and back on a local network. */
export const marginMs = 20;

/** A point in time after which nobody waits for the answer. */
export interface Deadline {
  /** Milliseconds left, rounded down; 0 when the time is over. */
  leftMs(): number;
  /**
   * Refuses work that cannot be done in time.
   * @throws {DeadlineExceededError} when no more than the margin is left.
   */
  throwIfExpired(): void;
}

/** Begins a deadline that ends `timeoutMs` from now. */
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
