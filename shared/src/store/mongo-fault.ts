/**
 * Classifies errors of the database: either nothing was written, or that is unknown.
 *
 * After a time-out, a change of the server's role, or any error not known to be definite, the write may be done; it is
 * treated as a database that is away.
 */
import { mongo } from 'mongoose';

/** Whether the operation was certainly not done and would fail again: a defect here, not the database away. */
export function isDefinite(error: unknown): boolean {
  if (error instanceof mongo.MongoWriteConcernError) return false;
  if (error instanceof mongo.MongoServerError) {
    const isLabelled = awayLabels.some((label) => error.hasErrorLabel(label));
    return typeof error.code === 'number' && !isLabelled && !awayCodes.has(error.code);
  }
  // The driver serializes a whole command before it sends anything, so the server got nothing after these errors.
  return (
    mongo.BSON.BSONError.isBSONError(error) ||
    error instanceof mongo.MongoInvalidArgumentError ||
    error instanceof RangeError
  );
}

/** The code of an insert whose id exists. */
export const duplicateKey = 11_000;

/** Whether an insert failed because its id exists. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === duplicateKey;
}

/** Turns one entry of `writeErrors` into the error of that write. */
export function toWriteFault({ code, errmsg }: { code: number; errmsg: string }): Error {
  return new mongo.MongoServerError({ message: errmsg, code });
}

const awayLabels = [
  'RetryableWriteError',
  'TransientTransactionError',
  'NetworkError',
  'SystemOverloadedError',
];

/**
 * MongoDB's codes for temporary errors, by its own categories (network, interruption, no primary, shutdown, time limit,
 * retriable, write concern), and for those that an operator can fix: locks, users, disk and memory.
 * https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
 */
const awayCodes: ReadonlySet<number> = new Set([
  ...[1, 8], // InternalError, UnknownError
  ...[6, 7, 89, 384, 317, 9001, 172, 145], // HostUnreachable … SocketException, PooledConnectionsDropped
  ...[24, 237, 279, 281, 282, 290, 355, 11_600, 11_601, 11_602], // LockTimeout … InterruptedDueToReplStateChange
  ...[189, 10_058, 10_107, 13_435, 13_436, 133, 216], // PrimarySteppedDown … ElectionInProgress
  ...[90, 91, 333], // CallbackCanceled, ShutdownInProgress
  ...[50, 202, 262, 407], // MaxTimeMSExpired, ExceededTimeLimit
  ...[134, 358, 365, 371, 402, 406, 412, 433, 449, 462], // TemporarilyUnavailable, UserWritesBlocked, ResourceExhausted
  ...[64, 75, 79, 100], // WriteConcernTimeout … UnsatisfiableWriteConcern
  ...[46, 107, 112, 117, 208], // LockBusy, WriteConflict
  ...[63, 150, 249, 13_388], // a router with stale routing data
  ...[11, 13, 18, 391], // Unauthorized, AuthenticationFailed
  ...[146, 264, 14_031], // ExceededMemoryLimit, TooManyFilesOpen, OutOfDiskSpace
]);
