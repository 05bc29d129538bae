/** One statement of an update, as `update` and `findAndModify` share it. */
import { elementsOf } from '../bson/path.ts';
import { BSON_TYPE, type RawValue, readFields } from '../bson/raw.ts';
import { CommandError } from '../core/errors.ts';
import { matches } from '../query/match.ts';
import { parseFilter } from '../query/parse-filter.ts';
import type { Filter } from '../query/predicate.ts';
import type { CollectionInfo } from '../store/catalog.ts';
import { replaceDocument, type StoredDocument } from '../store/documents.ts';
import { applyUpdate } from '../update/apply-update.ts';
import type { Update } from '../update/parse-update.ts';
import type { Context } from './context.ts';

/** The parsed parts of an update statement. */
export interface UpdateStatement {
  readonly filter: Filter;
  readonly update: Update;
  readonly arrayFilters: ReadonlyMap<string, Filter>;
}

/** Changes one stored document; returns its new bytes (the old ones when nothing changed). */
export function updateStored(
  context: Context,
  info: CollectionInfo,
  old: StoredDocument,
  { filter, update, arrayFilters }: UpdateStatement,
): Buffer {
  const matchedIndex = usesPosition(update) ? positionOf(filter, old.bytes) : -1;
  const bytes = applyUpdate(old.bytes, update, {
    isInsert: false,
    matchedIndex,
    arrayFilters,
    now: context.now(),
  });
  if (bytes.equals(old.bytes)) return old.bytes;
  replaceDocument(context, info, old, bytes);
  return bytes;
}

function usesPosition(update: Update): boolean {
  return update.kind === 'changes' && update.changes.some(({ path }) => path.includes('$'));
}

function positionOf(filter: Filter, bytes: Buffer): number {
  const found = { index: -1 };
  matches(filter, bytes, 0, found);
  return found.index;
}

/**
 * Parses `arrayFilters`: one filter per name.
 *
 * @throws {CommandError} FailedToParse when a filter has no name, several, or a duplicate.
 */
export function parseArrayFilters(value: RawValue | undefined, update: Update): Map<string, Filter> {
  const filters = new Map<string, Filter>();
  if (!value || value.type === BSON_TYPE.null) return filters;
  if (value.type !== BSON_TYPE.array)
    throw new CommandError('TypeMismatch', "'arrayFilters' should be an array");
  for (const element of elementsOf(value)) {
    const names = new Set(namesIn(element));
    const [name] = names;
    if (name === undefined || names.size !== 1) {
      throw new CommandError('FailedToParse', 'an array filter needs exactly one top-level field name');
    }
    if (filters.has(name))
      throw new CommandError(
        'FailedToParse',
        `Found multiple array filters with the same top-level field name ${name}`,
      );
    if (!isUsed(name, update)) {
      throw new CommandError(
        'FailedToParse',
        `The array filter for identifier '${name}' was not used in the update`,
      );
    }
    filters.set(name, parseFilter(element));
  }
  return filters;
}

function namesIn(filter: RawValue): string[] {
  return readFields(filter.bytes, filter.start).flatMap((field) => {
    if (!field.name.startsWith('$')) return [field.name.split('.')[0] as string];
    return field.type === BSON_TYPE.array ? elementsOf(field).flatMap(namesIn) : [];
  });
}

function isUsed(name: string, update: Update): boolean {
  return update.kind === 'changes' && update.changes.some(({ path }) => path.includes(`$[${name}]`));
}
