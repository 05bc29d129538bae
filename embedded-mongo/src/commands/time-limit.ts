/**
 * `maxTimeMS`: the time limit of one command (https://www.mongodb.com/docs/manual/reference/method/cursor.maxTimeMS/),
 * including the getMores of its cursor, but not the time between them. The server is synchronous, so loops over many
 * documents have to call `check`.
 */
import { CommandError } from '../core/errors.ts';

/** MongoDB stores it in 32 bits. */
const LARGEST_MS = 0x7fffffff;

/** The time limit of one command and its cursor. */
export interface TimeLimit {
  /** @throws {CommandError} MaxTimeMSExpired when it is over. */
  readonly check: () => void;
  /** Stops the time: the command has ended, its cursor is open. */
  readonly pause: () => void;
  /** Resumes the time, for a getMore with a limit of its own. */
  readonly resume: (alsoCheck?: () => void) => void;
}

/**
 * Begins the time of a command; undefined and 0 mean: no limit. `elapsed` reads a clock that never goes back.
 *
 * @throws {CommandError} BadValue when it is out of range.
 */
export function limitTime(maxMs = 0, elapsed: () => number = () => performance.now()): TimeLimit {
  if (maxMs > LARGEST_MS)
    throw new CommandError('BadValue', `${maxMs} value for maxTimeMS is out of range [0, ${LARGEST_MS}]`);
  let left = maxMs === 0 ? Number.POSITIVE_INFINITY : maxMs;
  let end = elapsed() + left;
  let isCounting = true;
  let alsoCheck: (() => void) | undefined;
  return {
    check() {
      alsoCheck?.();
      if (isCounting && end !== Number.POSITIVE_INFINITY && elapsed() >= end)
        throw new CommandError('MaxTimeMSExpired', 'operation exceeded time limit');
    },
    pause() {
      if (isCounting) left = end - elapsed();
      isCounting = false;
      alsoCheck = undefined;
    },
    resume(check) {
      end = elapsed() + left;
      isCounting = true;
      alsoCheck = check;
    },
  };
}

/** No limit at all. */
export const endless: TimeLimit = { check() {}, pause() {}, resume() {} };
