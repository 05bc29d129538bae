/**
 * Parses a filter document. Other query operators than those below are refused with BadValue, as in MongoDB
 * (https://www.mongodb.com/docs/manual/reference/operator/query/).
 */

import { orderKey, orderTag } from '../bson/order-key.ts';
import { elementsOf, parsePath } from '../bson/path.ts';
import { BSON_TYPE, type RawField, type RawValue, readFields } from '../bson/raw.ts';
import { CommandError } from '../core/errors.ts';
import { parseTest } from '../expression/test.ts';
import { isTrue, parseMod, parseSize } from './arguments.ts';
import type { Comparison, Filter, Predicate } from './predicate.ts';
import { type Pattern, parseRegexOperator, regexOf } from './regex.ts';
import { parseTypes } from './type-names.ts';

/** The supported query operators; a test compares the README's table with this list. */
export const QUERY_OPERATORS = [
  ...['$and', '$or', '$nor', '$expr', '$comment'],
  ...['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$not'],
  ...['$exists', '$type', '$regex', '$options', '$mod', '$size', '$all', '$elemMatch'],
] as const;

/**
 * Parses the filter document that starts at `value.start`.
 *
 * @throws {CommandError} BadValue for unknown operators and wrong arguments.
 */
export function parseFilter(value: RawValue): Filter {
  const filters: Filter[] = [];
  for (const field of readFields(value.bytes, value.start)) {
    if (field.name.startsWith('$')) filters.push(...parseTopLevel(field));
    else filters.push(...parseField(field));
  }
  return filters.length === 1 ? (filters[0] as Filter) : { kind: 'and', filters };
}

function parseTopLevel(field: RawField): Filter[] {
  switch (field.name) {
    case '$and':
      return [{ kind: 'and', filters: parseList(field) }];
    case '$or':
      return [{ kind: 'or', filters: parseList(field) }];
    case '$nor':
      return [{ kind: 'nor', filters: parseList(field) }];
    case '$comment':
      return [];
    case '$expr':
      return [{ kind: 'expression', test: parseTest(field) }];
    default:
      throw new CommandError('BadValue', `unknown top level operator: ${field.name}`);
  }
}

function parseList(field: RawField): Filter[] {
  if (field.type !== BSON_TYPE.array) throw new CommandError('BadValue', `${field.name} must be an array`);
  const elements = elementsOf(field);
  if (elements.length === 0) throw new CommandError('BadValue', `${field.name} must be a nonempty array`);
  return elements.map((element) => {
    if (element.type === BSON_TYPE.object) return parseFilter(element);
    throw new CommandError('BadValue', `${field.name} argument's entries must be objects`);
  });
}

function parseField(field: RawField): Filter[] {
  const path = parsePath(field.name);
  return parseCondition(field).map((predicate) => ({ kind: 'field', path, predicate }));
}

/** Parses the condition of a field: operators, a regular expression, or a value to equal. */
function parseCondition(value: RawValue): Predicate[] {
  if (value.type === BSON_TYPE.regex) return [{ op: 'regex', regex: regexOf(value) }];
  if (value.type !== BSON_TYPE.object) return [comparison('eq', value)];
  const operators = readFields(value.bytes, value.start);
  if (!operators[0]?.name.startsWith('$') || operators[0].name === '$ref' || operators[0].name === '$id') {
    return [comparison('eq', value)];
  }
  return operators.flatMap((operator) => parseOperator(operator, operators));
}

function parseOperator(operator: RawField, siblings: readonly RawField[]): Predicate[] {
  switch (operator.name) {
    case '$eq':
      return [comparison('eq', operator)];
    case '$ne':
      if (operator.type === BSON_TYPE.regex)
        throw new CommandError('BadValue', "Can't have regex as arg to $ne.");
      return [{ op: 'not', predicates: [comparison('eq', operator)] }];
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      if (operator.type === BSON_TYPE.regex) {
        throw new CommandError(
          'BadValue',
          `Can't have RegEx as arg to predicate over field with ${operator.name}`,
        );
      }
      return [comparison(operator.name.slice(1) as Comparison['op'], operator)];
    case '$in':
      return [parseIn(operator)];
    case '$nin':
      return [{ op: 'not', predicates: [parseIn(operator)] }];
    case '$exists':
      return isTrue(operator) ? [{ op: 'exists' }] : [{ op: 'not', predicates: [{ op: 'exists' }] }];
    case '$type':
      return [{ op: 'type', types: parseTypes(operator) }];
    case '$not':
      return [{ op: 'not', predicates: parseNot(operator) }];
    case '$regex':
      return [{ op: 'regex', regex: parseRegexOperator(operator, siblings) }];
    case '$options':
      if (siblings.some((sibling) => sibling.name === '$regex')) return [];
      throw new CommandError('BadValue', '$options needs a $regex');
    case '$mod':
      return [parseMod(operator)];
    case '$size':
      return [{ op: 'size', size: parseSize(operator) }];
    case '$all':
      return parseAll(operator);
    case '$elemMatch':
      return [parseElemMatch(operator)];
    default:
      throw new CommandError('BadValue', `unknown operator: ${operator.name}`);
  }
}

function comparison(op: Comparison['op'], value: RawValue): Comparison {
  if (value.type === BSON_TYPE.undefined) throw new CommandError('BadValue', 'cannot compare to undefined');
  return { op, value, key: orderKey(value), tag: orderTag(value.type) };
}

function parseIn(operator: RawField): Predicate {
  if (operator.type !== BSON_TYPE.array)
    throw new CommandError('BadValue', `${operator.name} needs an array`);
  const values: Comparison[] = [];
  const regexes: Pattern[] = [];
  for (const element of elementsOf(operator)) {
    if (element.type === BSON_TYPE.regex) regexes.push(regexOf(element));
    else if (isOperatorObject(element)) {
      throw new CommandError('BadValue', `cannot nest $ under ${operator.name}`);
    } else values.push(comparison('eq', element));
  }
  return { op: 'in', values, regexes, keys: new Set(values.map((value) => value.key.toString('latin1'))) };
}

function parseNot(operator: RawField): Predicate[] {
  if (operator.type === BSON_TYPE.regex) return [{ op: 'regex', regex: regexOf(operator) }];
  if (!isOperatorObject(operator)) throw new CommandError('BadValue', '$not needs a regex or a document');
  return parseCondition(operator);
}

function parseAll(operator: RawField): Predicate[] {
  if (operator.type !== BSON_TYPE.array) throw new CommandError('BadValue', '$all needs an array');
  const elements = elementsOf(operator);
  if (elements.length === 0) return [{ op: 'in', values: [], regexes: [], keys: new Set() }];
  return elements.flatMap((element) => {
    if (element.type === BSON_TYPE.regex) return [{ op: 'regex' as const, regex: regexOf(element) }];
    if (isOperatorObject(element)) {
      const [inner] = readFields(element.bytes, element.start);
      if (inner?.name === '$elemMatch') return [parseElemMatch(inner)];
      throw new CommandError('BadValue', 'no $ expressions in $all');
    }
    return [comparison('eq', element)];
  });
}

function parseElemMatch(operator: RawField): Predicate {
  if (operator.type !== BSON_TYPE.object) throw new CommandError('BadValue', '$elemMatch needs an Object');
  const [first] = readFields(operator.bytes, operator.start);
  const isLogical = first && ['$and', '$or', '$nor', '$expr'].includes(first.name);
  if (first?.name.startsWith('$') && !isLogical) {
    return { op: 'elemMatchValue', predicates: parseCondition(operator) };
  }
  return { op: 'elemMatchObject', filter: parseFilter(operator) };
}

function isOperatorObject(value: RawValue): boolean {
  if (value.type !== BSON_TYPE.object) return false;
  return readFields(value.bytes, value.start)[0]?.name.startsWith('$') ?? false;
}
