/** Write errors of a statement, as drivers expect them: index, code, message, and for duplicates the key. */
import type { Document } from 'bson';
import { CommandError } from '../core/errors.ts';

/** The limit of statements in one command, as in the reply to `hello`. */
export const MAX_BATCH = 100_000;

/** One entry of `writeErrors`. */
function writeError(index: number, error: CommandError): Document {
  return { index, code: error.code, errmsg: error.message, ...error.details };
}

/**
 * Runs the statements in order; after an error it continues only when the command is unordered.
 *
 * @throws {CommandError} MaxTimeMSExpired: it ends the whole command.
 */
export function runStatements<T>(
  statements: readonly T[],
  isOrdered: boolean,
  run: (statement: T, index: number) => void,
): Document[] {
  const errors: Document[] = [];
  for (let index = 0; index < statements.length; index++) {
    try {
      run(statements[index] as T, index);
    } catch (error) {
      if (!(error instanceof CommandError) || error.codeName === 'MaxTimeMSExpired') throw error;
      errors.push(writeError(index, error));
      if (isOrdered) break;
    }
  }
  return errors;
}

/**
 * Refuses batches outside 1 to 100,000 statements (https://www.mongodb.com/docs/manual/reference/limits/#write-command-batch-limit-size).
 *
 * @throws {CommandError} InvalidLength.
 */
export function checkBatch(statements: readonly unknown[]): void {
  if (statements.length >= 1 && statements.length <= MAX_BATCH) return;
  throw new CommandError(
    'InvalidLength',
    `Write batch sizes must be between 1 and ${MAX_BATCH}. Got ${statements.length} operations.`,
  );
}
