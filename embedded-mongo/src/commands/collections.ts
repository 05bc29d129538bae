/** Finds and creates the collection of a command. Collections are created by the first write, as in MongoDB. */
import type { CollectionInfo } from '../store/catalog.ts';
import type { Store } from '../store/documents.ts';

/** The collection of this name, made when it does not exist; only inside a write. */
export function openCollection(store: Store, namespace: string): CollectionInfo {
  return store.catalog.collections.get(namespace) ?? store.catalog.create(namespace);
}

/** The collection of this name, or undefined. */
export function findCollection(store: Store, namespace: string): CollectionInfo | undefined {
  return store.catalog.collections.get(namespace);
}
