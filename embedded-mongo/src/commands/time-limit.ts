/**
 * `maxTimeMS`: how long the server works on one command (https://www.mongodb.com/docs/manual/reference/method/cursor.maxTimeMS/).
 * Everything here is synchronous, so whoever walks over many documents has to ask.
 */
import { CommandError } from '../errors.ts';

/** MongoDB keeps it in 32 bits. */
const LARGEST_MS = 0x7fffffff;

/** The time of one command. */
export interface TimeLimit {
  /** @throws {CommandError} MaxTimeMSExpired when it is over. */
  readonly check: () => void;
  /** Ends it with the command: a cursor that stays open is not bound by it. */
  readonly lift: () => void;
}

/**
 * Begins the time of a command; undefined and 0 mean: no limit. `elapsed` reads a clock that never goes back.
 *
 * @throws {CommandError} BadValue when it is out of range.
 */
export function limitTime(maxMs = 0, elapsed: () => number = () => performance.now()): TimeLimit {
  if (maxMs > LARGEST_MS)
    throw new CommandError('BadValue', `${maxMs} value for maxTimeMS is out of range [0, ${LARGEST_MS}]`);
  let end = maxMs === 0 ? Number.POSITIVE_INFINITY : elapsed() + maxMs;
  return {
    check() {
      if (end !== Number.POSITIVE_INFINITY && elapsed() >= end)
        throw new CommandError('MaxTimeMSExpired', 'operation exceeded time limit');
    },
    lift() {
      end = Number.POSITIVE_INFINITY;
    },
  };
}
