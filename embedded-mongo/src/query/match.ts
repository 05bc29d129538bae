/**
 * Tells whether a document matches a parsed filter, reading the document's bytes in place.
 * Arrays follow MongoDB: a condition holds when one element, or the array itself, satisfies it
 * (https://www.mongodb.com/docs/manual/tutorial/query-arrays/).
 */
import { compareValues, orderKey, orderTag } from '../bson/order-key.ts';
import { eachElement, walkPath } from '../bson/path.ts';
import { BSON_TYPE, isNumber, type RawValue, readInt32, readString } from '../bson/raw.ts';
import { toLong } from '../bson/to-number.ts';
import type { Comparison, Filter, Predicate } from './predicate.ts';
import type { Pattern } from './regex.ts';

/** Where a match was found in an array, for the positional `$` of updates and projections; -1 = nowhere. */
export interface MatchPosition {
  index: number;
}

/** Tells whether the document at `start` matches. */
export function matches(filter: Filter, bytes: Buffer, start: number, found?: MatchPosition): boolean {
  switch (filter.kind) {
    case 'and':
      for (const part of filter.filters) if (!matches(part, bytes, start, found)) return false;
      return true;
    case 'or':
      return filter.filters.some((part) => matches(part, bytes, start, found));
    case 'nor':
      return !filter.filters.some((part) => matches(part, bytes, start));
    case 'field':
      return matchesField(filter.path.parts, filter.predicate, bytes, start, found);
    case 'expression':
      return filter.test(bytes, start);
  }
}

function matchesField(
  parts: Parameters<typeof walkPath>[2],
  predicate: Predicate,
  bytes: Buffer,
  start: number,
  found?: MatchPosition,
): boolean {
  if (predicate.op === 'not') {
    return !predicate.predicates.every((inner) => matchesField(parts, inner, bytes, start));
  }
  return walkPath(bytes, start, parts, (value, position) => {
    if (!found) return matchesValue(predicate, value);
    const inside = { index: -1 };
    if (!matchesValue(predicate, value, inside)) return false;
    found.index = position >= 0 ? position : inside.index >= 0 ? inside.index : found.index;
    return true;
  });
}

/** Tests one value at a path; an array is tested element by element and as a whole. */
function matchesValue(predicate: Predicate, value: RawValue, found?: MatchPosition): boolean {
  if (predicate.op === 'exists') return value.type !== BSON_TYPE.missing;
  if (value.type !== BSON_TYPE.array) return testWhole(predicate, value);
  if (predicate.op === 'size') return countElements(value) === predicate.size;
  const isElemMatch = predicate.op === 'elemMatchObject' || predicate.op === 'elemMatchValue';
  const hit = eachElement(value, (element, index) => {
    if (!(isElemMatch ? testElement(predicate, element) : testWhole(predicate, element))) return false;
    if (found) found.index = index;
    return true;
  });
  return hit || (!isElemMatch && testWhole(predicate, value));
}

function testElement(predicate: Predicate, element: RawValue): boolean {
  if (predicate.op === 'elemMatchObject') {
    const isDocument = element.type === BSON_TYPE.object || element.type === BSON_TYPE.array;
    return isDocument && matches(predicate.filter, element.bytes, element.start);
  }
  return predicate.op === 'elemMatchValue' && predicate.predicates.every((inner) => holds(inner, element));
}

function holds(predicate: Predicate, value: RawValue): boolean {
  if (predicate.op === 'not') return !predicate.predicates.every((inner) => holds(inner, value));
  return matchesValue(predicate, value);
}

function testWhole(predicate: Predicate, value: RawValue): boolean {
  switch (predicate.op) {
    case 'eq':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return compares(predicate, value);
    case 'in':
      if (predicate.regexes.some((regex) => matchesRegex(regex, value))) return true;
      return predicate.keys.size > 0 && predicate.keys.has(orderKey(value).toString('latin1'));
    case 'type':
      return predicate.types.has(value.type);
    case 'regex':
      return matchesRegex(predicate.regex, value);
    case 'mod': {
      const long = isNumber(value) ? toLong(value) : undefined;
      return long !== undefined && long % predicate.divisor === predicate.remainder;
    }
    default:
      return false;
  }
}

function compares(comparison: Comparison, value: RawValue): boolean {
  const wanted = comparison.value;
  if (comparison.tag !== orderTag(value.type)) return comparesAcross(comparison);
  if (comparison.op === 'eq') {
    if (value.type === BSON_TYPE.missing) return true;
    if (value.type === BSON_TYPE.string) return sameBytes(value, wanted);
    return compareValues(value, wanted) === 0;
  }
  if (isNumber(value) && isNaNValue(value) !== isNaNValue(wanted)) return false;
  const order = compareValues(value, wanted);
  if (comparison.op === 'gt') return order > 0;
  if (comparison.op === 'gte') return order >= 0;
  return comparison.op === 'lt' ? order < 0 : order <= 0;
}

/** Only MinKey and MaxKey compare with values of other types, and with missing ones. */
function comparesAcross({ op, value: wanted }: Comparison): boolean {
  if (wanted.type === BSON_TYPE.minKey) return op === 'gt' || op === 'gte';
  if (wanted.type === BSON_TYPE.maxKey) return op === 'lt' || op === 'lte';
  return false;
}

function isNaNValue(value: RawValue): boolean {
  if (value.type === BSON_TYPE.double) return Number.isNaN(value.bytes.readDoubleLE(value.start));
  return value.type === BSON_TYPE.decimal && ((value.bytes[value.start + 15] as number) & 0x7c) === 0x7c;
}

function sameBytes(left: RawValue, right: RawValue): boolean {
  const length = left.end - left.start;
  if (length !== right.end - right.start) return false;
  return left.bytes.compare(right.bytes, right.start, right.end, left.start, left.end) === 0;
}

function matchesRegex(regex: Pattern, value: RawValue): boolean {
  return value.type === BSON_TYPE.string && regex.test(readString(value));
}

function countElements(array: RawValue): number {
  if (readInt32(array.bytes, array.start) === 5) return 0;
  let count = 0;
  eachElement(array, () => {
    count++;
    return false;
  });
  return count;
}
