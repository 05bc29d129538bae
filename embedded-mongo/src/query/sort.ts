/**
 * Sort orders: parsing them, and the key of a document in one.
 * In an array the smallest element counts for ascending, the largest for descending
 * (https://www.mongodb.com/docs/manual/reference/method/cursor.sort/#sort-by-an-array-field).
 */
import { KeyWriter } from '../bson/key-writer.ts';
import { orderKey } from '../bson/order-key.ts';
import { eachElement, type FieldPath, parsePath, walkPath } from '../bson/path.ts';
import { BSON_TYPE, type RawValue, readFields } from '../bson/raw.ts';
import { toNumber } from '../bson/to-number.ts';
import { CommandError } from '../core/errors.ts';

/** One part of a sort order. */
export interface SortPart {
  readonly path: FieldPath;
  readonly direction: 1 | -1;
}

/**
 * Parses `{a: 1, b: -1}`.
 *
 * @throws {CommandError} BadValue for a direction other than 1 or -1, for `$meta`, and for `$natural: -1`.
 */
export function parseSort(sort: RawValue): SortPart[] {
  if (sort.type !== BSON_TYPE.object)
    throw new CommandError('TypeMismatch', 'a sort order must be an object');
  return readFields(sort.bytes, sort.start).flatMap((field) => {
    const direction = toNumber(field);
    if (field.name === '$natural' && direction === 1) return [];
    if ((direction !== 1 && direction !== -1) || field.name.startsWith('$')) {
      throw new CommandError('BadValue', `Illegal key in sort specification: ${field.name} must be 1 or -1`);
    }
    return [{ path: parsePath(field.name), direction }];
  });
}

const EMPTY_ARRAY = Buffer.from([0x08]);
const keys = new KeyWriter();

/** Makes the key that puts a document in its place in the order. */
export function sortKey(order: readonly SortPart[], document: Buffer): Buffer {
  keys.length = 0;
  for (const { path, direction } of order) {
    const start = keys.length;
    const best = extremeKey(path, direction, document);
    keys.slice(best, 0, best.length);
    if (direction === -1) keys.invert(start);
  }
  return keys.take();
}

/** Compares two documents in an order. */
export function compareBySort(order: readonly SortPart[], left: Buffer, right: Buffer): number {
  return Buffer.compare(sortKey(order, left), sortKey(order, right));
}

function extremeKey(path: FieldPath, direction: 1 | -1, document: Buffer): Buffer {
  let best: Buffer | undefined;
  const take = (key: Buffer) => {
    const order = best ? Buffer.compare(key, best) : 0;
    if (!best || (direction === 1 ? order < 0 : order > 0)) best = key;
  };
  walkPath(document, 0, path.parts, (value) => {
    if (value.type !== BSON_TYPE.array) take(orderKey(value));
    else {
      let isEmpty = true;
      eachElement(value, (element) => {
        isEmpty = false;
        take(orderKey(element));
        return false;
      });
      if (isEmpty) take(EMPTY_ARRAY);
    }
    return false;
  });
  return best ?? MISSING_KEY;
}

const MISSING_KEY = Buffer.from([0x0a]);
