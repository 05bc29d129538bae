/**
 * The range of order keys that one field's predicates allow: single values, or from-to within one class of types.
 * Conditions that say nothing about keys (negations, regular expressions, `$exists`) give no bounds.
 */

import { afterPrefix } from '../bson/after-prefix.ts';
import { orderTag } from '../bson/order-key.ts';
import { BSON_TYPE } from '../bson/raw.ts';
import type { Comparison, Predicate } from './predicate.ts';

/** Keys from `low` (included) to `high` (excluded). */
export interface Interval {
  readonly low: Buffer;
  readonly high: Buffer;
  readonly isPoint: boolean;
}

/**
 * Gives the intervals, in ascending order; undefined when the predicates set no bounds.
 * With arrays in the index (`isMultikey`) only one predicate may be used: two may hold by different elements.
 */
export function boundsFor(predicates: readonly Predicate[], isMultikey: boolean): Interval[] | undefined {
  for (const predicate of predicates) {
    if (predicate.op === 'eq' && isIndexable(predicate)) return [point(predicate.key)];
  }
  for (const predicate of predicates) {
    if (predicate.op === 'in' && predicate.regexes.length === 0 && predicate.values.every(isIndexable)) {
      const keys = new Map(predicate.values.map(({ key }) => [key.toString('latin1'), key]));
      return [...keys.values()].sort(Buffer.compare).map(point);
    }
  }
  let range: Interval | undefined;
  for (const predicate of predicates) {
    const next = rangeOf(predicate);
    if (!next) continue;
    range = range ? intersect(range, next) : next;
    if (isMultikey) break;
  }
  return range && [range];
}

function point(key: Buffer): Interval {
  return { low: key, high: afterPrefix(key), isPoint: true };
}

/** A value equal to an array, or to null, may lie under other keys: a whole array is indexed by its elements. */
function isIndexable({ value }: Comparison): boolean {
  return value.type !== BSON_TYPE.array;
}

const RANGED = new Set(
  [
    BSON_TYPE.int,
    BSON_TYPE.string,
    BSON_TYPE.objectId,
    BSON_TYPE.bool,
    BSON_TYPE.date,
    BSON_TYPE.timestamp,
    BSON_TYPE.binary,
  ].map((type) => orderTag(type)),
);

function rangeOf(predicate: Predicate): Interval | undefined {
  if (predicate.op !== 'gt' && predicate.op !== 'gte' && predicate.op !== 'lt' && predicate.op !== 'lte')
    return undefined;
  if (!RANGED.has(predicate.tag)) return undefined;
  const lowest = Buffer.from([predicate.tag]);
  const highest = Buffer.from([predicate.tag + 1]);
  switch (predicate.op) {
    case 'gt':
      return { low: afterPrefix(predicate.key), high: highest, isPoint: false };
    case 'gte':
      return { low: predicate.key, high: highest, isPoint: false };
    case 'lt':
      return { low: lowest, high: predicate.key, isPoint: false };
    case 'lte':
      return { low: lowest, high: afterPrefix(predicate.key), isPoint: false };
  }
}

function intersect(left: Interval, right: Interval): Interval {
  return {
    low: Buffer.compare(left.low, right.low) >= 0 ? left.low : right.low,
    high: Buffer.compare(left.high, right.high) <= 0 ? left.high : right.high,
    isPoint: false,
  };
}
