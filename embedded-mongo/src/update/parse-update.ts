/**
 * Parses the update document: a replacement, or operators. Other operators than those below
 * (https://www.mongodb.com/docs/manual/reference/operator/update/) are refused with FailedToParse.
 */
import { BSON_TYPE, type RawField, type RawValue, readFields, readString } from '../bson/raw.ts';
import { CommandError } from '../core/errors.ts';

/** The supported update operators. */
export const UPDATE_OPERATORS = [
  '$set',
  '$unset',
  '$inc',
  '$mul',
  '$min',
  '$max',
  '$rename',
  '$currentDate',
  '$setOnInsert',
  '$push',
  '$addToSet',
  '$pull',
  '$pullAll',
  '$pop',
] as const;

/** One of {@link UPDATE_OPERATORS}. */
export type UpdateOperator = (typeof UPDATE_OPERATORS)[number];

/** One change: an operator at a path. */
export interface Change {
  readonly operator: UpdateOperator;
  readonly path: readonly string[];
  readonly argument: RawValue;
}

/** A parsed update: a replacement, or changes. */
export type Update =
  | { readonly kind: 'replacement'; readonly document: RawValue }
  | { readonly kind: 'changes'; readonly changes: readonly Change[] };

/**
 * Parses the `u` of an update statement.
 *
 * @throws {CommandError} FailedToParse for unknown operators and wrong arguments, ConflictingUpdateOperators when two
 * operators touch one path, NotImplemented for a pipeline.
 */
export function parseUpdate(update: RawValue): Update {
  if (update.type === BSON_TYPE.array) {
    throw new CommandError('NotImplemented', 'updates with an aggregation pipeline are not supported');
  }
  if (update.type !== BSON_TYPE.object)
    throw new CommandError('FailedToParse', 'the update must be a document');
  const fields = readFields(update.bytes, update.start);
  if (!fields[0]?.name.startsWith('$')) {
    const operator = fields.find((field) => field.name.startsWith('$'));
    if (!operator) return { kind: 'replacement', document: update };
    throw new CommandError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${operator.name}' is not allowed in the context of an update's replacement document.`,
    );
  }
  const changes = fields.flatMap(parseOperator);
  refuseConflicts(changes);
  // MongoDB applies changes in the order of their paths, so new fields appear in that order.
  return { kind: 'changes', changes: changes.sort(byPath) };
}

function parseOperator(field: RawField): Change[] {
  const operator = UPDATE_OPERATORS.find((name) => name === field.name);
  if (!operator) {
    const known = UPDATE_OPERATORS.join(', ');
    throw new CommandError('FailedToParse', `Unknown modifier: ${field.name}. Expected one of ${known}.`);
  }
  if (field.type !== BSON_TYPE.object) {
    throw new CommandError(
      'FailedToParse',
      `Modifiers operate on fields but we found another type instead. For example: {$mod: {<field>: ...}} not {${operator}: ...}`,
    );
  }
  return readFields(field.bytes, field.start).flatMap((change) => {
    const path = parseTarget(change.name);
    const changes: Change[] = [{ operator, path, argument: change }];
    if (operator === '$rename') {
      if (change.type !== BSON_TYPE.string) {
        throw new CommandError('BadValue', `The 'to' field for $rename must be a string: ${change.name}`);
      }
      if (change.name.includes('$'))
        throw new CommandError('BadValue', 'The source field for $rename may not be dynamic');
      changes.push({ operator, path: parseTarget(readString(change)), argument: MARK_RENAME_TARGET });
    }
    return changes;
  });
}

/** Stands in the list of changes for the path a `$rename` writes, so that conflicts are found. */
export const MARK_RENAME_TARGET: RawValue = { type: 0, bytes: Buffer.alloc(0), start: 0, end: 0 };

function parseTarget(name: string): string[] {
  if (name === '') throw new CommandError('BadValue', 'An empty update path is not valid.');
  const path = name.split('.');
  if (path.includes('')) {
    throw new CommandError(
      'BadValue',
      `The update path '${name}' contains an empty field name, which is not allowed.`,
    );
  }
  const bad = path.find((part, at) => part.startsWith('$') && (at === 0 || !/^\$(\[\w*\])?$/.test(part)));
  if (bad !== undefined) {
    throw new CommandError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${bad}' in '${name}' is not valid for storage.`,
    );
  }
  return path;
}

function refuseConflicts(changes: readonly Change[]): void {
  const seen = new Set<string>();
  const inner = new Set<string>();
  for (const { path } of changes) {
    const text = path.join('.');
    const prefixes = path.slice(0, -1).map((_, at) => path.slice(0, at + 1).join('.'));
    const outer = prefixes.find((prefix) => seen.has(prefix));
    if (seen.has(text) || inner.has(text) || outer !== undefined) {
      const other = outer ?? text;
      throw new CommandError(
        'ConflictingUpdateOperators',
        `Updating the path '${text}' would create a conflict at '${other}'`,
      );
    }
    seen.add(text);
    for (const prefix of prefixes) inner.add(prefix);
  }
}

function byPath(left: Change, right: Change): number {
  for (let at = 0; at < Math.min(left.path.length, right.path.length); at++) {
    const a = left.path[at] as string;
    const b = right.path[at] as string;
    if (a === b) continue;
    if (/^\d+$/.test(a) && /^\d+$/.test(b)) return Number(a) - Number(b);
    return a < b ? -1 : 1;
  }
  return left.path.length - right.path.length;
}
