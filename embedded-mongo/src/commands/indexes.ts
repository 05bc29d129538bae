/** createIndexes, listIndexes, dropIndexes (https://www.mongodb.com/docs/manual/reference/command/createIndexes/). */

import { elementsOf } from '../bson/path.ts';
import { BSON_TYPE, type RawValue, readFields, readString } from '../bson/raw.ts';
import { buildDocument, toBson, toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { hintOf } from '../find/hint.ts';
import type { CollectionInfo, Index } from '../store/catalog.ts';
import { indexDocument } from '../store/documents.ts';
import { type IndexSpec, parseIndexSpec } from '../store/index-spec.ts';
import { documentRange, indexRange } from '../store/keys.ts';
import type { Client } from './client.ts';
import { findCollection, openCollection } from './collections.ts';
import type { Context, Reply } from './context.ts';
import { cursorReply } from './cursor-reply.ts';
import type { Request } from './request.ts';

const ID_INDEX = toBson({ v: 2, key: { _id: 1 }, name: '_id_' });

/** Makes indexes; all of them or none. */
export function createIndexes(request: Request, context: Context): Promise<Reply> {
  const { namespace } = request;
  const specs = request.documents('indexes').map(parseIndexSpec);
  if (specs.length === 0) throw new CommandError('BadValue', 'Must specify at least one index to create');
  return context.storage.restructure(() => {
    const isNew = !findCollection(context, namespace);
    const info = openCollection(context, namespace);
    const before = info.indexes.length + 1;
    const missing = specs.filter((spec) => !isPresent(info, spec));
    for (const spec of missing) build(context, info, context.catalog.addIndex(info, spec));
    const after = info.indexes.length + 1;
    const note = missing.length === 0 ? { note: 'all indexes already exist' } : {};
    return {
      numIndexesBefore: before,
      numIndexesAfter: after,
      createdCollectionAutomatically: isNew,
      ...note,
      ok: 1,
    };
  });
}

function build(context: Context, info: CollectionInfo, index: Index): void {
  for (const { key, value } of context.storage.scan(documentRange(info.id))) {
    context.checkTime();
    indexDocument(context, info, index, { key, bytes: value });
  }
}

/** Same key and options: nothing to do. Same name or key with other options: refused with MongoDB's codes. */
function isPresent(info: CollectionInfo, spec: IndexSpec): boolean {
  const key = keyText(spec);
  if (key === '_id:1') return true;
  if (spec.name === '_id_')
    throw new CommandError('BadValue', "The index name '_id_' is reserved for the _id index");
  const sameName = info.indexes.find((index) => index.name === spec.name);
  if (sameName) {
    if (optionsText(sameName) === optionsText(spec)) return true;
    const [code, what] =
      keyText(sameName) === key
        ? (['IndexKeySpecsConflict', 'options'] as const)
        : (['IndexKeySpecsConflict', 'key'] as const);
    throw new CommandError(
      code,
      `An existing index has the same name as the requested index but another ${what}: ${spec.name}`,
    );
  }
  const sameKey = info.indexes.find(
    (index) => keyText(index) === key && partialText(index) === partialText(spec),
  );
  if (!sameKey) return false;
  throw new CommandError(
    'IndexOptionsConflict',
    `Index already exists with a different name: ${sameKey.name}`,
  );
}

function keyText({ parts }: IndexSpec): string {
  return parts.map(({ path, direction }) => `${path.text}:${direction}`).join(',');
}

function partialText(spec: IndexSpec): string {
  return String(fieldOf(spec.document, 'partialFilterExpression')?.toString('latin1'));
}

function optionsText(spec: IndexSpec): string {
  return JSON.stringify([
    keyText(spec),
    spec.unique,
    spec.sparse,
    spec.expireAfterSeconds ?? null,
    partialText(spec),
  ]);
}

function fieldOf(document: Buffer, name: string): Buffer | undefined {
  const field = readFields(document, 0).find((candidate) => candidate.name === name);
  return field && (field.bytes.subarray(field.start, field.end) as Buffer);
}

/** Lists the indexes of a collection. */
export function listIndexes(request: Request, context: Context, client: Client): Reply {
  const { namespace } = request;
  const info = findCollection(context, namespace);
  if (!info) throw new CommandError('NamespaceNotFound', `ns does not exist: ${namespace}`);
  const documents = [ID_INDEX, ...info.indexes.map(showIndex)];
  const batch = context.cursors.start(client, namespace, documents.values());
  return cursorReply('firstBatch', namespace, batch);
}

function showIndex({ document }: Index): Buffer {
  const fields = readFields(document, 0).filter(
    ({ name }) => name !== 'v' && name !== 'ns' && name !== 'background',
  );
  return buildDocument([['v', toRawValue(2)], ...fields.map((field) => [field.name, field] as const)]);
}

/** Drops indexes by name, by key, or all but `_id_`. */
export function dropIndexes(request: Request, context: Context): Promise<Reply> {
  const { namespace } = request;
  const wanted = request.fields.get('index');
  return context.storage.restructure(() => {
    const info = findCollection(context, namespace);
    if (!info) throw new CommandError('NamespaceNotFound', `ns not found ${namespace}`);
    const before = info.indexes.length + 1;
    for (const index of indexesToDrop(info, wanted)) {
      context.catalog.removeIndex(info, index);
      for (const { key } of context.storage.scan(indexRange(index.id))) context.storage.remove(key);
    }
    return { nIndexesWas: before, ok: 1 };
  });
}

function indexesToDrop(info: CollectionInfo, wanted: RawValue | undefined): readonly Index[] {
  if (!wanted)
    throw new CommandError('MissingField', "BSON field 'dropIndexes.index' is missing but a required field");
  if (wanted.type === BSON_TYPE.array) return elementsOf(wanted).flatMap((name) => indexesToDrop(info, name));
  if (wanted.type === BSON_TYPE.string && readString(wanted) === '*') return info.indexes;
  const name = wanted.type === BSON_TYPE.string ? readString(wanted) : hintOf(wanted, info);
  if (name === '_id_') throw new CommandError('InvalidOptions', 'cannot drop _id index');
  const index = info.indexes.find((candidate) => candidate.name === name);
  if (index) return [index];
  throw new CommandError('IndexNotFound', `index not found with name [${name ?? '?'}]`);
}
