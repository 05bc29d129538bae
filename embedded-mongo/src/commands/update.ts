/** `update` (https://www.mongodb.com/docs/manual/reference/command/update/). */
import { deserialize } from 'bson';
import { BSON_TYPE, findField, type RawField, readFields } from '../bson/raw.ts';
import { CommandError } from '../core/errors.ts';
import { findDocuments } from '../find/find.ts';
import { hintOf } from '../find/hint.ts';
import { parseFilter } from '../query/parse-filter.ts';
import { parseSort } from '../query/sort.ts';
import { insertDocument } from '../store/documents.ts';
import { parseUpdate } from '../update/parse-update.ts';
import { findCollection, openCollection } from './collections.ts';
import type { Context, Reply } from './context.ts';
import { isTrue, type Request } from './request.ts';
import { parseArrayFilters, updateStored } from './update-one.ts';
import { makeUpsert } from './upsert.ts';
import { checkBatch, runStatements } from './write-result.ts';

interface Totals {
  n: number;
  nModified: number;
  upserted: { index: number; _id: unknown }[];
}

/** Runs update statements in order; errors are listed in `writeErrors`. */
export function update(request: Request, context: Context): Promise<Reply> {
  const { namespace } = request;
  const statements = request.documents('updates');
  const isOrdered = request.flag('ordered', true);
  request.refuse('let');
  checkBatch(statements);
  return context.storage.write(() => {
    const totals: Totals = { n: 0, nModified: 0, upserted: [] };
    const errors = runStatements(statements, isOrdered, (statement, index) => {
      context.checkTime();
      runStatement(context, namespace, statement, index, totals);
    });
    const { n, nModified, upserted } = totals;
    return {
      n,
      nModified,
      ...(upserted.length > 0 ? { upserted } : {}),
      ...(errors.length > 0 ? { writeErrors: errors } : {}),
      ok: 1,
    };
  });
}

function runStatement(context: Context, namespace: string, bytes: Buffer, at: number, totals: Totals): void {
  const fields = new Map(readFields(bytes, 0).map((field) => [field.name, field]));
  const [query, change] = [fields.get('q'), fields.get('u')];
  if (query?.type !== BSON_TYPE.object || !change)
    throw new CommandError('FailedToParse', "an update statement needs 'q' and 'u'");
  refuseOptions(fields);
  const isMulti = isOn(fields.get('multi'));
  const filter = parseFilter(query);
  const update = parseUpdate(change);
  if (isMulti && update.kind === 'replacement') {
    throw new CommandError('FailedToParse', 'multi update is not supported for replacement-style update');
  }
  const arrayFilters = parseArrayFilters(fields.get('arrayFilters'), update);
  const statement = { filter, update, arrayFilters };
  const info = findCollection(context, namespace);
  let found = 0;
  if (info) {
    const sort = fields.get('sort');
    const limit = isMulti ? 0 : 1;
    const hint = hintOf(fields.get('hint'), info);
    const documents = findDocuments(context, info, {
      filter,
      sort: sort ? parseSort(sort) : [],
      skip: 0,
      limit,
      hint,
    });
    // All are found before the first is changed, so that no changed document is found again.
    for (const document of isMulti ? [...documents] : documents) {
      found++;
      if (updateStored(context, info, document, statement) !== document.bytes) totals.nModified++;
      totals.n++;
    }
  }
  if (found > 0 || !isOn(fields.get('upsert'))) return;
  const document = makeUpsert(filter, update, { matchedIndex: -1, arrayFilters, now: context.now() });
  insertDocument(context, openCollection(context, namespace), document);
  totals.n++;
  totals.upserted.push({ index: at, _id: idOf(document) });
}

/** Reads the `_id` of a document with its exact type. */
export function idOf(document: Buffer): unknown {
  const id = findField(document, 0, Buffer.from('_id'));
  return id && deserialize(document, { promoteValues: false, promoteLongs: false })._id;
}

const STATEMENT_FIELDS = new Set(['q', 'u', 'multi', 'upsert', 'arrayFilters', 'hint', 'sort', 'collation']);

function refuseOptions(fields: ReadonlyMap<string, RawField>): void {
  const collation = fields.get('collation');
  if (collation && collation.end - collation.start > 5) {
    throw new CommandError('NotImplemented', 'collation is not supported by the embedded database');
  }
  for (const name of fields.keys()) {
    if (!STATEMENT_FIELDS.has(name)) {
      throw new CommandError('UnknownField', `BSON field 'update.updates.${name}' is an unknown field.`);
    }
  }
}

function isOn(field: RawField | undefined): boolean {
  return field !== undefined && isTrue(field);
}
