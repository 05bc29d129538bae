/**
 * Projections: which fields of a document a client gets
 * (https://www.mongodb.com/docs/manual/reference/method/db.collection.find/#projection).
 * Inclusion and exclusion by dotted names, `$slice` and `$elemMatch`; computed fields are refused.
 */
import { elementsOf } from '../bson/path.ts';
import { BSON_TYPE, type RawField, type RawValue, readFields } from '../bson/raw.ts';
import { toInteger, toNumber } from '../bson/to-number.ts';
import { buildDocument } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { matches } from './match.ts';
import { parseFilter } from './parse-filter.ts';
import type { Filter } from './predicate.ts';

type Change =
  | { readonly kind: 'slice'; readonly skip: number; readonly limit: number }
  | { readonly kind: 'elemMatch'; readonly filter: Filter };

/** A parsed projection: a tree of names; a leaf is true, or a change to the array there. */
export interface Projection {
  readonly isInclusion: boolean;
  readonly keepsId: boolean;
  readonly tree: Tree;
}

interface Tree extends Map<string, Tree | Change | true> {}

/**
 * Parses a projection; undefined when it changes nothing.
 *
 * @throws {CommandError} BadValue when inclusion and exclusion are mixed, NotImplemented for computed fields.
 */
export function parseProjection(projection: RawValue): Projection | undefined {
  const fields = readFields(projection.bytes, projection.start);
  if (fields.length === 0) return undefined;
  const tree: Tree = new Map();
  let isInclusion: boolean | undefined;
  let keepsId = true;
  for (const field of fields) {
    const value = parseValue(field);
    if (typeof value !== 'boolean') {
      if (value.kind === 'elemMatch') isInclusion ??= true;
      insert(tree, field.name, value);
    } else if (field.name === '_id') {
      keepsId = value;
      if (value && fields.length === 1) isInclusion = true;
    } else {
      if (isInclusion !== undefined && isInclusion !== value) {
        const [doing, other] = value ? ['inclusion', 'exclusion'] : ['exclusion', 'inclusion'];
        throw new CommandError(
          'BadValue',
          `Cannot do ${doing} on field ${field.name} in ${other} projection`,
        );
      }
      isInclusion = value;
      insert(tree, field.name, true);
    }
  }
  return { isInclusion: isInclusion ?? false, keepsId, tree };
}

function parseValue(field: RawField): boolean | Change {
  if (field.name.includes('$'))
    throw new CommandError('NotImplemented', `projection '${field.name}' is not supported: positional $`);
  if (field.type === BSON_TYPE.bool) return field.bytes[field.start] === 1;
  const number = toNumber(field);
  if (number !== undefined) return number !== 0;
  const [operator, ...more] = field.type === BSON_TYPE.object ? readFields(field.bytes, field.start) : [];
  if (operator && more.length === 0 && operator.name === '$slice') return parseSlice(operator);
  if (operator && more.length === 0 && operator.name === '$elemMatch' && operator.type === BSON_TYPE.object) {
    return { kind: 'elemMatch', filter: parseFilter(operator) };
  }
  throw new CommandError(
    'NotImplemented',
    `computed projections are not supported by the embedded database: ${field.name}`,
  );
}

function parseSlice(field: RawField): Change {
  const numbers = (field.type === BSON_TYPE.array ? elementsOf(field) : [field]).map(toInteger);
  const [first, second] = numbers;
  if (first === undefined || numbers.length > 2)
    throw new CommandError('BadValue', '$slice needs one or two whole numbers');
  if (numbers.length === 1) {
    return first < 0
      ? { kind: 'slice', skip: first, limit: -first }
      : { kind: 'slice', skip: 0, limit: first };
  }
  if (second === undefined || second <= 0)
    throw new CommandError('BadValue', 'the limit of $slice must be positive');
  return { kind: 'slice', skip: first, limit: second };
}

function insert(tree: Tree, name: string, value: Change | true): void {
  const names = name.split('.');
  let level = tree;
  for (const part of names.slice(0, -1)) {
    let next = level.get(part);
    if (next === undefined) {
      next = new Map() as Tree;
      level.set(part, next);
    }
    if (!(next instanceof Map)) throw new CommandError('BadValue', `Path collision at ${name}`);
    level = next;
  }
  const last = names.at(-1) as string;
  if (level.has(last)) throw new CommandError('BadValue', `Path collision at ${name}`);
  level.set(last, value);
}

/** Gives the projected document. */
export function project(projection: Projection, document: Buffer): Buffer {
  const { tree, isInclusion, keepsId } = projection;
  const fields: (readonly [string, RawValue])[] = [];
  for (const field of readFields(document, 0)) {
    if (field.name === '_id' && !tree.has('_id')) {
      if (keepsId) fields.push(['_id', field]);
      continue;
    }
    const value = projectField(tree.get(field.name), field, isInclusion);
    if (value) fields.push([field.name, value]);
  }
  return buildDocument(fields);
}

function projectField(
  rule: Tree | Change | true | undefined,
  value: RawValue,
  isInclusion: boolean,
): RawValue | undefined {
  if (rule === undefined) return isInclusion ? undefined : value;
  if (rule === true) return isInclusion ? value : undefined;
  if (rule instanceof Map) return projectNested(rule, value, isInclusion);
  if (value.type !== BSON_TYPE.array) return rule.kind === 'slice' ? value : undefined;
  const elements = elementsOf(value);
  if (rule.kind === 'slice') {
    const from = rule.skip < 0 ? Math.max(0, elements.length + rule.skip) : rule.skip;
    return toArray(elements.slice(from, from + rule.limit));
  }
  const first = elements.find(
    (element) => element.type === BSON_TYPE.object && matches(rule.filter, element.bytes, element.start),
  );
  return first && toArray([first]);
}

function projectNested(tree: Tree, value: RawValue, isInclusion: boolean): RawValue | undefined {
  if (value.type === BSON_TYPE.object) {
    const fields: (readonly [string, RawValue])[] = [];
    for (const field of readFields(value.bytes, value.start)) {
      const inner = projectField(tree.get(field.name), field, isInclusion);
      if (inner) fields.push([field.name, inner]);
    }
    const bytes = buildDocument(fields);
    return { type: BSON_TYPE.object, bytes, start: 0, end: bytes.length };
  }
  if (value.type !== BSON_TYPE.array) return isInclusion ? undefined : value;
  return toArray(
    elementsOf(value)
      .map((element) => projectNested(tree, element, isInclusion))
      .filter((element) => element !== undefined),
  );
}

function toArray(elements: readonly RawValue[]): RawValue {
  const bytes = buildDocument(elements.map((element, index) => [String(index), element] as const));
  return { type: BSON_TYPE.array, bytes, start: 0, end: bytes.length };
}
