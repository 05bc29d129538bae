/**
 * The conditions of a filter on each field, as far as all must hold, and what they imply (whether a partial index's
 * condition is true for all matching documents).
 */

import { orderTag } from '../bson/order-key.ts';
import { BSON_TYPE } from '../bson/raw.ts';
import type { Comparison, Filter, Predicate } from './predicate.ts';

/** The predicates that must hold, by field. */
export type Conditions = ReadonlyMap<string, readonly Predicate[]>;

/** Collects the predicates of all parts joined by "and". */
export function collectConditions(filter: Filter): Conditions {
  const conditions = new Map<string, Predicate[]>();
  collect(filter, conditions);
  return conditions;
}

function collect(filter: Filter, into: Map<string, Predicate[]>): void {
  if (filter.kind === 'and' || (filter.kind === 'or' && filter.filters.length === 1)) {
    for (const part of filter.filters) collect(part, into);
  } else if (filter.kind === 'field') {
    const known = into.get(filter.path.text);
    if (known) known.push(filter.predicate);
    else into.set(filter.path.text, [filter.predicate]);
  }
}

/** Tells whether every document that meets the conditions also matches `wanted`; false when that cannot be shown. */
export function implies(conditions: Conditions, wanted: Filter): boolean {
  if (wanted.kind === 'and') return wanted.filters.every((part) => implies(conditions, part));
  if (wanted.kind !== 'field') return false;
  const given = conditions.get(wanted.path.text) ?? [];
  return given.some((predicate) => predicateImplies(predicate, wanted.predicate));
}

function predicateImplies(given: Predicate, wanted: Predicate): boolean {
  if (given.op === 'in') {
    const { values, regexes } = given;
    if (regexes.length > 0) return values.length === 0 && wanted.op === 'exists';
    return values.length > 0 && values.every((value) => predicateImplies(value, wanted));
  }
  if (wanted.op === 'exists') return needsValue(given);
  if (wanted.op === 'type') {
    if (given.op === 'type') return [...given.types].every((type) => wanted.types.has(type));
    return (
      given.op === 'eq' && given.tag !== NUMBER && given.tag !== NULL && wanted.types.has(given.value.type)
    );
  }
  if (!isComparison(given) || !isComparison(wanted) || given.tag !== wanted.tag || wanted.tag === NULL)
    return false;
  return comparisonImplies(given, wanted);
}

const NULL = orderTag(BSON_TYPE.null);
const NUMBER = orderTag(BSON_TYPE.int);

/** A condition that a missing field cannot meet. */
function needsValue(given: Predicate): boolean {
  if (isComparison(given)) return given.tag !== NULL;
  return ['exists', 'type', 'regex', 'mod', 'size', 'elemMatchObject', 'elemMatchValue'].includes(given.op);
}

function isComparison(predicate: Predicate): predicate is Comparison {
  return ['eq', 'gt', 'gte', 'lt', 'lte'].includes(predicate.op);
}

function comparisonImplies(given: Comparison, wanted: Comparison): boolean {
  const order = Buffer.compare(given.key, wanted.key);
  switch (wanted.op) {
    case 'eq':
      return given.op === 'eq' && order === 0;
    case 'gt':
      return given.op === 'gt' ? order >= 0 : (given.op === 'gte' || given.op === 'eq') && order > 0;
    case 'gte':
      return ['gt', 'gte', 'eq'].includes(given.op) && order >= 0;
    case 'lt':
      return given.op === 'lt' ? order <= 0 : (given.op === 'lte' || given.op === 'eq') && order < 0;
    default:
      return ['lt', 'lte', 'eq'].includes(given.op) && order <= 0;
  }
}
