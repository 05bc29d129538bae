/**
 * `findAndModify` (https://www.mongodb.com/docs/manual/reference/command/findAndModify/): finds one document, changes
 * it and returns it.
 */

import type { RawValue } from '../bson/raw.ts';
import { buildDocument, documentValue, toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { findDocuments } from '../find/find.ts';
import { hintOf } from '../find/hint.ts';
import { parseFilter } from '../query/parse-filter.ts';
import { parseProjection, project } from '../query/projection.ts';
import { parseSort } from '../query/sort.ts';
import { insertDocument, removeDocument } from '../store/documents.ts';
import { parseUpdate } from '../update/parse-update.ts';
import { findCollection, openCollection } from './collections.ts';
import type { Context, Reply } from './context.ts';
import type { Request } from './request.ts';
import { idOf } from './update.ts';
import { parseArrayFilters, updateStored } from './update-one.ts';
import { makeUpsert } from './upsert.ts';

const EMPTY = documentValue(Buffer.from([5, 0, 0, 0, 0]));
const NULL = toRawValue(null);
const OK = toRawValue(1);

/** Finds one document, updates, replaces or removes it, and returns its old or new version. */
export function findAndModify(request: Request, context: Context): Promise<Reply> {
  const { namespace } = request;
  request.refuse('collation', 'let');
  const isRemove = request.flag('remove');
  const wantsNew = request.flag('new');
  const isUpsert = request.flag('upsert');
  const change = request.fields.get('update');
  if (isRemove && (change || wantsNew || isUpsert)) {
    throw new CommandError('FailedToParse', "Cannot specify 'update', 'new' or 'upsert' along with 'remove'");
  }
  if (!isRemove && !change)
    throw new CommandError('FailedToParse', 'Either an update or remove=true must be specified');
  const filter = parseFilter(request.document('query') ?? EMPTY);
  const sort = parseSort(request.document('sort') ?? EMPTY);
  const projection = parseProjection(request.document('fields') ?? EMPTY);
  const parsed = change && parseUpdate(change);
  const arrayFilters = parsed ? parseArrayFilters(request.fields.get('arrayFilters'), parsed) : new Map();
  const show = (bytes: Buffer) => documentValue(projection ? project(projection, bytes) : bytes);

  return context.storage.write(() => {
    context.checkTime();
    const info = findCollection(context, namespace);
    const hint = info && hintOf(request.fields.get('hint'), info);
    const found =
      info && findDocuments(context, info, { filter, sort, skip: 0, limit: 1, hint }).next().value;
    if (info && found) {
      if (!parsed) {
        removeDocument(context, info, found);
        return reply(show(found.bytes), { n: 1 });
      }
      const bytes = updateStored(context, info, found, { filter, update: parsed, arrayFilters });
      return reply(show(wantsNew ? bytes : found.bytes), { n: 1, updatedExisting: true });
    }
    if (!parsed || !isUpsert) return reply(NULL, parsed ? { n: 0, updatedExisting: false } : { n: 0 });
    const document = makeUpsert(filter, parsed, { matchedIndex: -1, arrayFilters, now: context.now() });
    insertDocument(context, openCollection(context, namespace), document);
    return reply(wantsNew ? show(document) : NULL, {
      n: 1,
      updatedExisting: false,
      upserted: idOf(document),
    });
  });
}

function reply(value: RawValue, lastErrorObject: Record<string, unknown>): Buffer {
  return buildDocument([
    ['lastErrorObject', toRawValue(lastErrorObject)],
    ['value', value],
    ['ok', OK],
  ]);
}
