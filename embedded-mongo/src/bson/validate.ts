/**
 * Checks a document once, when it arrives, so that all other code can trust its lengths. It rejects wrong lengths,
 * unknown types, unfinished names, nesting deeper than MongoDB's 100 levels
 * (https://www.mongodb.com/docs/manual/reference/limits/#bson-documents).
 */
import { CommandError } from '../core/errors.ts';
import { BSON_TYPE, payloadEnd, readInt32 } from './raw.ts';

/** MongoDB's limit for one document, 16 MiB. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** The longest message a client may send, as in the reply to `hello`. */
export const MAX_MESSAGE_BYTES = 48_000_000;

/** A command is a document, too, and has 16 KiB more around the user's one. */
const MAX_COMMAND_BYTES = MAX_DOCUMENT_BYTES + 16 * 1024;
const MAX_DEPTH = 180;

/**
 * Checks the document that starts at `start` and must end before `limit`; answers its end.
 *
 * @throws {CommandError} BadValue when the bytes are no document, or use a type outside the supported ones;
 * BSONObjectTooLarge when it is longer than any command.
 */
export function validateDocument(bytes: Buffer, start: number, limit: number, depth = 0): number {
  if (depth > MAX_DEPTH) throw new CommandError('BadValue', `BSON nested deeper than ${MAX_DEPTH} levels`);
  if (start + 5 > limit) throw invalid('a document is cut short');
  const length = readInt32(bytes, start);
  const end = start + length;
  if (length < 5 || end > limit) throw invalid('a document has a wrong length');
  if (length > MAX_COMMAND_BYTES) {
    throw new CommandError(
      'BSONObjectTooLarge',
      `BSONObj size: ${length} is invalid. Size must be between 0 and ${MAX_COMMAND_BYTES}(16MB)`,
    );
  }
  const last = end - 1;
  if (bytes[last] !== 0) throw invalid('a document does not end with a zero byte');
  let at = start + 4;
  while (at < last) {
    const type = bytes[at] as number;
    const nameEnd = bytes.indexOf(0, at + 1);
    if (nameEnd < 0 || nameEnd >= last) throw invalid('a field name does not end');
    const value = nameEnd + 1;
    if (type === 3 || type === 4) {
      at = validateDocument(bytes, value, last, depth + 1);
      continue;
    }
    at = scalarEnd(type, bytes, value, last);
  }
  if (at !== last) throw invalid('a field runs over the end of its document');
  return end;
}

function scalarEnd(type: number, bytes: Buffer, at: number, last: number): number {
  if (type === 2 || type === 13) {
    if (at + 5 > last) throw invalid('a string is cut short');
    const length = readInt32(bytes, at);
    if (length < 1 || at + 4 + length > last || bytes[at + 3 + length] !== 0) {
      throw invalid('a string has a wrong length');
    }
  }
  if (type === 5 && (at + 5 > last || readInt32(bytes, at) < 0)) throw invalid('a binary has a wrong length');
  if (type === 8 && (bytes[at] as number) > 1) throw invalid('a boolean is neither 0 nor 1');
  const end = payloadEnd(type, bytes, at);
  if (end < 0 || type === BSON_TYPE.undefined) {
    throw new CommandError('BadValue', `BSON type ${type} is not supported; see the README's table of types`);
  }
  if (end > last || end < at) throw invalid('a value runs over the end of its document');
  return end;
}

function invalid(what: string): CommandError {
  return new CommandError('BadValue', `invalid BSON: ${what}`);
}
