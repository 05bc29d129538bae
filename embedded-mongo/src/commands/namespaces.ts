/** Commands about collections and databases as a whole: create, drop, list, rename, and their sizes. */

import { documentValue, toBson } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { matches } from '../query/match.ts';
import { parseFilter } from '../query/parse-filter.ts';
import { type CollectionInfo, uuidOf } from '../store/catalog.ts';
import { documentRange, indexRange } from '../store/keys.ts';
import type { Client } from './client.ts';
import { findCollection } from './collections.ts';
import type { Context, Reply } from './context.ts';
import { cursorReply } from './cursor-reply.ts';
import { joinNamespace, type Request } from './request.ts';

const EMPTY = documentValue(Buffer.from([5, 0, 0, 0, 0]));

/** `create`: an empty collection; capped, time-series and views are refused. */
export function create(request: Request, context: Context): Promise<Reply> {
  const { namespace } = request;
  request.refuse(
    'capped',
    'timeseries',
    'viewOn',
    'pipeline',
    'validator',
    'clusteredIndex',
    'collation',
    'expireAfterSeconds',
    'encryptedFields',
    'changeStreamPreAndPostImages',
  );
  return context.storage.restructure(() => {
    if (findCollection(context, namespace)) {
      throw new CommandError('NamespaceExists', `Collection ${namespace} already exists.`);
    }
    context.catalog.create(namespace);
    return { ok: 1 };
  });
}

/** `drop`: a collection with its documents and indexes. */
export function drop(request: Request, context: Context): Promise<Reply> {
  const { namespace } = request;
  return context.storage.restructure(() => {
    const info = findCollection(context, namespace);
    if (!info) return { ok: 1 };
    const nIndexesWas = info.indexes.length + 1;
    dropCollection(context, info);
    return { nIndexesWas, ns: namespace, ok: 1 };
  });
}

/** `dropDatabase`: every collection of a database. */
export function dropDatabase(request: Request, context: Context): Promise<Reply> {
  const { database } = request;
  return context.storage.restructure(() => {
    for (const info of collectionsOf(context, database)) dropCollection(context, info);
    return { dropped: database, ok: 1 };
  });
}

function dropCollection(context: Context, info: CollectionInfo): void {
  for (const range of [documentRange(info.id), ...info.indexes.map(({ id }) => indexRange(id))]) {
    for (const { key } of context.storage.scan(range)) context.storage.remove(key);
  }
  context.catalog.remove(info);
  context.cursors.killNamespace(info.namespace);
}

/** `renameCollection`, within the admin database as MongoDB wants it. */
export function renameCollection(request: Request, context: Context): Promise<Reply> {
  const from = splitNamespace(request.string('renameCollection') ?? '');
  const to = splitNamespace(request.string('to') ?? '');
  return context.storage.restructure(() => {
    const info = findCollection(context, from);
    if (!info) throw new CommandError('NamespaceNotFound', `Source collection ${from} does not exist`);
    const target = findCollection(context, to);
    if (from === to) throw new CommandError('IllegalOperation', "Can't rename a collection to itself");
    if (target && !request.flag('dropTarget'))
      throw new CommandError('NamespaceExists', 'target namespace exists');
    if (target) dropCollection(context, target);
    context.cursors.killNamespace(from);
    context.catalog.rename(info, to);
    return { ok: 1 };
  });
}

function splitNamespace(namespace: string): string {
  const dot = namespace.indexOf('.');
  if (dot < 1) throw new CommandError('InvalidNamespace', `Invalid namespace specified '${namespace}'`);
  return joinNamespace(namespace.slice(0, dot), namespace.slice(dot + 1));
}

/** `listCollections`. */
export function listCollections(request: Request, context: Context, client: Client): Reply {
  const { database } = request;
  const filter = parseFilter(request.document('filter') ?? EMPTY);
  const isNameOnly = request.flag('nameOnly');
  const all = collectionsOf(context, database).map((info) => {
    const name = info.namespace.slice(database.length + 1);
    const details = {
      options: info.options,
      info: { readOnly: false, uuid: uuidOf(info) },
      idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
    };
    return toBson({ name, type: 'collection', ...(isNameOnly ? {} : details) });
  });
  const found = all.filter((document) => matches(filter, document, 0));
  const namespace = `${database}.$cmd.listCollections`;
  return cursorReply('firstBatch', namespace, context.cursors.start(client, namespace, found.values()));
}

/** `listDatabases`. */
export function listDatabases(request: Request, context: Context): Reply {
  const filter = parseFilter(request.document('filter') ?? EMPTY);
  const isNameOnly = request.flag('nameOnly');
  const sizes = new Map<string, number>();
  for (const { namespace, bytes } of context.catalog.collections.values()) {
    const name = namespace.slice(0, namespace.indexOf('.'));
    sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  }
  const databases = [...sizes]
    .map(([name, sizeOnDisk]) => ({ name, sizeOnDisk, empty: false }))
    .filter((database) => matches(filter, toBson(database), 0))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  if (isNameOnly) return { databases: databases.map(({ name }) => ({ name })), ok: 1 };
  const totalSize = databases.reduce((total, { sizeOnDisk }) => total + sizeOnDisk, 0);
  return { databases, totalSize, totalSizeMb: Math.round(totalSize / 1048576), ok: 1 };
}

/** `collStats`: counts and sizes, as far as this server keeps them. */
export function collStats(request: Request, context: Context): Reply {
  const { namespace } = request;
  return { ...statsOf(namespace, findCollection(context, namespace)), ok: 1 };
}

/** The figures of `collStats` and `$collStats`. */
export function statsOf(namespace: string, info: CollectionInfo | undefined): Record<string, unknown> {
  const count = info?.count ?? 0;
  const size = info?.bytes ?? 0;
  return {
    ns: namespace,
    size,
    count,
    ...(count > 0 ? { avgObjSize: Math.round(size / count) } : {}),
    storageSize: size,
    nindexes: info ? info.indexes.length + 1 : 0,
    totalIndexSize: 0,
    totalSize: size,
    scaleFactor: 1,
  };
}

/** `dbStats`. */
export function dbStats(request: Request, context: Context): Reply {
  const { database } = request;
  const all = collectionsOf(context, database);
  const sum = (of: (info: CollectionInfo) => number) => all.reduce((total, info) => total + of(info), 0);
  const dataSize = sum(({ bytes }) => bytes);
  return {
    db: database,
    collections: all.length,
    views: 0,
    objects: sum(({ count }) => count),
    dataSize,
    storageSize: dataSize,
    indexes: sum(({ indexes }) => indexes.length + 1),
    indexSize: 0,
    totalSize: dataSize,
    scaleFactor: 1,
    ok: 1,
  };
}

function collectionsOf(context: Context, database: string): CollectionInfo[] {
  return [...context.catalog.collections.values()]
    .filter(({ namespace }) => namespace.startsWith(`${database}.`))
    .sort((left, right) => (left.namespace < right.namespace ? -1 : 1));
}
