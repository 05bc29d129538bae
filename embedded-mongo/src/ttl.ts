/** TTL indexes: removes documents whose date has passed (https://www.mongodb.com/docs/manual/core/index-ttl/). */

import { toRawValue } from './bson/write.ts';
import type { Context } from './commands/context.ts';
import { findDocuments } from './find/find.ts';
import { parseFilter } from './query/parse-filter.ts';
import type { CollectionInfo, Index } from './store/catalog.ts';
import { removeDocument, type StoredDocument } from './store/documents.ts';

const BATCH = 500;

/** Removes what has expired in all collections, in small writes, so that other writes are not blocked. */
export async function expireDocuments(context: Context): Promise<number> {
  let removed = 0;
  for (const info of [...context.catalog.collections.values()]) {
    for (const index of info.indexes) {
      if (index.expireAfterSeconds === undefined) continue;
      for (let count = BATCH; count === BATCH; removed += count) {
        count = await context.storage.write(() => expireSome(context, info.namespace, index));
      }
    }
  }
  return removed;
}

function expireSome(
  context: Context,
  namespace: string,
  { name, expireAfterSeconds = 0, parts }: Index,
): number {
  const info = context.catalog.collections.get(namespace);
  const path = parts[0]?.path.text;
  if (!info || path === undefined || !info.indexes.some((index) => index.name === name)) return 0;
  const expired = expiredDocuments(context, info, path, name, context.now() - expireAfterSeconds * 1000);
  for (const document of expired) removeDocument(context, info, document);
  return expired.length;
}

function expiredDocuments(
  context: Context,
  info: CollectionInfo,
  path: string,
  hint: string,
  before: number,
): StoredDocument[] {
  const condition = { [path]: { $lte: new Date(before) } };
  const conditions = info.indexes.find(({ name }) => name === hint)?.partial;
  const filter = parseFilter(toRawValue(condition));
  const both = conditions ? { kind: 'and' as const, filters: [filter, conditions] } : filter;
  return [...findDocuments(context, info, { filter: both, sort: [], skip: 0, limit: BATCH, hint })];
}
