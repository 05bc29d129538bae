/**
 * The document an upsert inserts: the equalities of the query, then the update
 * (https://www.mongodb.com/docs/manual/reference/method/db.collection.update/#upsert-behavior).
 */
import { ObjectId } from 'bson';
import { findField } from '../bson/raw.ts';
import { buildDocument, documentValue, toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import type { Filter } from '../query/predicate.ts';
import { applyUpdate, type UpdateContext } from '../update/apply-update.ts';
import { MutableValue } from '../update/mutable.ts';
import type { Update } from '../update/parse-update.ts';
import { findTarget, setTarget } from '../update/target.ts';
import { prepareInsert } from './insert.ts';

/**
 * Makes the document to insert.
 *
 * @throws {CommandError} what the update itself refuses, and ImmutableField when query and update disagree about `_id`.
 */
export function makeUpsert(filter: Filter, update: Update, context: Omit<UpdateContext, 'isInsert'>): Buffer {
  const root = new MutableValue(documentValue(buildDocument([])));
  collectEqualities(filter, root, update.kind === 'replacement');
  const seed = Buffer.from(root.toRaw().bytes);
  const updated = applyUpdate(seed, update, { ...context, isInsert: true });
  if (findField(updated, 0, Buffer.from('_id'))) return prepareInsert(updated);
  return prepareInsert(
    update.kind === 'replacement'
      ? applyUpdate(buildDocument([['_id', toRawValue(new ObjectId())]]), update, {
          ...context,
          isInsert: true,
        })
      : updated,
  );
}

function collectEqualities(filter: Filter, root: MutableValue, onlyId: boolean): void {
  if (filter.kind === 'and' || (filter.kind === 'or' && filter.filters.length === 1)) {
    for (const part of filter.filters) collectEqualities(part, root, onlyId);
    return;
  }
  if (filter.kind !== 'field') return;
  const { path, predicate } = filter;
  if (onlyId && path.text !== '_id') return;
  const isSingle = predicate.op === 'in' && predicate.values.length === 1 && predicate.regexes.length === 0;
  const equal = isSingle ? predicate.values[0] : predicate.op === 'eq' ? predicate : undefined;
  if (!equal) return;
  const names = path.text.split('.');
  if (names.some((name) => name.startsWith('$'))) return;
  if (findTarget(root, names)) {
    throw new CommandError(
      'BadValue',
      `cannot infer query fields to set, path '${path.text}' is matched twice`,
    );
  }
  setTarget(root, names, equal.value);
}
