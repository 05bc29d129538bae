/** The arguments of `$mod`, `$size` and `$exists`. */
import { elementsOf } from '../bson/path.ts';
import { BSON_TYPE, isNumber, type RawField, type RawValue } from '../bson/raw.ts';
import { toInteger, toLong } from '../bson/to-number.ts';
import { CommandError } from '../core/errors.ts';
import type { Predicate } from './predicate.ts';

/**
 * Parses `$mod: [divisor, remainder]`.
 *
 * @throws {CommandError} BadValue when it is anything else.
 */
export function parseMod(operator: RawField): Predicate {
  const parts = operator.type === BSON_TYPE.array ? elementsOf(operator) : [];
  const [divisor, remainder] = parts;
  if (parts.length !== 2 || !divisor || !remainder || !isNumber(divisor) || !isNumber(remainder)) {
    throw new CommandError('BadValue', 'malformed mod, it needs to be an array of two numbers');
  }
  const by = toLong(divisor);
  if (by === undefined || by === 0n) throw new CommandError('BadValue', 'divisor cannot be 0');
  return { op: 'mod', divisor: by, remainder: toLong(remainder) ?? 0n };
}

/**
 * Parses `$size`.
 *
 * @throws {CommandError} BadValue when it is no whole number, or negative.
 */
export function parseSize(operator: RawField): number {
  const size = toInteger(operator);
  if (size === undefined || size < 0) {
    throw new CommandError('BadValue', '$size must be a non-negative whole number');
  }
  return size;
}

/** Tells whether the argument of `$exists` means yes. */
export function isTrue(value: RawValue): boolean {
  if (value.type === BSON_TYPE.bool) return value.bytes[value.start] === 1;
  if (value.type === BSON_TYPE.null) return false;
  return !isNumber(value) || (toLong(value) ?? 1n) !== 0n;
}
