/**
 * Runs a query: plan, read candidates, match, sort, skip, limit. Documents stay bytes.
 */

import { matches } from '../query/match.ts';
import type { Filter } from '../query/predicate.ts';
import { type SortPart, sortKey } from '../query/sort.ts';
import type { CollectionInfo } from '../store/catalog.ts';
import type { Store, StoredDocument } from '../store/documents.ts';
import { documentKeyOf } from '../store/keys.ts';
import { makePlan, type Plan } from './plan.ts';

/** A query. */
export interface Query {
  readonly filter: Filter;
  readonly sort: readonly SortPart[];
  readonly skip: number;
  /** 0 means no limit. */
  readonly limit: number;
  readonly hint?: string | undefined;
}

/** The numbers of examined keys and documents, for `explain` and tests. */
export interface Examined {
  keys: number;
  documents: number;
}

/** Gives the matching documents one by one. */
export function* findDocuments(
  store: Store,
  info: CollectionInfo,
  query: Query,
  examined: Examined = { keys: 0, documents: 0 },
): Generator<StoredDocument, void, undefined> {
  const plan = makePlan(info, query.filter, query.sort, query.hint);
  const expected = plan.isSorted && query.limit > 0 ? query.limit + query.skip : undefined;
  const matching = matchingDocuments(store, info, plan, query, examined, expected);
  const ordered = plan.isSorted ? matching : sortAll(store, matching, query.sort);
  let toSkip = query.skip;
  let left = query.limit === 0 ? Number.POSITIVE_INFINITY : query.limit;
  for (const document of ordered) {
    if (toSkip > 0) {
      toSkip--;
      continue;
    }
    yield document;
    if (--left <= 0) return;
  }
}

function* matchingDocuments(
  store: Store,
  info: CollectionInfo,
  plan: Plan,
  query: Query,
  examined: Examined,
  expected: number | undefined,
): Generator<StoredDocument, void, undefined> {
  for (const document of candidates(store, info, plan, examined, expected)) {
    examined.documents++;
    if (matches(query.filter, document.bytes, 0)) yield document;
  }
}

function* candidates(
  store: Store,
  info: CollectionInfo,
  plan: Plan,
  examined: Examined,
  expected: number | undefined,
): Generator<StoredDocument, void, undefined> {
  if (plan.kind === 'id') {
    for (const key of plan.keys) {
      store.checkTime();
      examined.keys++;
      const bytes = store.storage.get(key);
      if (bytes) yield { key, bytes };
    }
    return;
  }
  const seen = plan.index?.isMultikey ? new Set<string>() : undefined;
  for (const range of plan.ranges) {
    for (const { key, value } of store.storage.scan(range, expected)) {
      store.checkTime();
      if (plan.kind === 'collection') {
        yield { key, bytes: value };
        continue;
      }
      examined.keys++;
      if (seen) {
        const id = value.toString('latin1');
        if (seen.has(id)) continue;
        seen.add(id);
      }
      const documentKey = documentKeyOf(info.id, value);
      const bytes = store.storage.get(documentKey);
      if (bytes) yield { key: documentKey, bytes };
    }
  }
}

function* sortAll(
  store: Store,
  documents: Iterable<StoredDocument>,
  sort: readonly SortPart[],
): Generator<StoredDocument, void, undefined> {
  const sorted: { order: Buffer; document: StoredDocument }[] = [];
  const held = store.memory.open();
  try {
    for (const document of documents) {
      const order = sortKey(sort, document.bytes);
      held.add(order.length + document.key.length + document.bytes.length);
      sorted.push({ order, document });
    }
    sorted.sort((left, right) => {
      store.checkTime();
      return Buffer.compare(left.order, right.order);
    });
    for (const { document } of sorted) yield document;
  } finally {
    held.end();
  }
}
