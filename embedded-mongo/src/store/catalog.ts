/**
 * The collections and indexes. They are in memory, and stored in the same transaction as the change; after a rollback
 * they are read again.
 */
import { randomUUID } from 'node:crypto';
import { Binary, deserialize, UUID } from 'bson';
import { toBson } from '../bson/write.ts';
import { type IndexSpec, parseIndexSpec } from './index-spec.ts';
import { CATALOG_RANGE, catalogKey, countsKey } from './keys.ts';
import type { Storage } from './storage.ts';

/** An index of a collection. */
export interface Index extends IndexSpec {
  readonly id: number;
  /** True once a document had an array in it: then the bounds of several conditions cannot be combined. */
  isMultikey: boolean;
}

/** A collection in the catalog. */
export interface CollectionInfo {
  readonly id: number;
  namespace: string;
  readonly uuid: string;
  readonly options: Record<string, unknown>;
  indexes: Index[];
  count: number;
  bytes: number;
}

interface StoredEntry {
  id: number;
  uuid: string;
  options: Record<string, unknown>;
  indexes: { id: number; isMultikey: boolean; spec: Binary }[];
}

/** The collections of all databases, by namespace ("database.collection"). */
export class Catalog {
  readonly collections = new Map<string, CollectionInfo>();
  private readonly storage: Storage;
  private readonly changed = new Set<CollectionInfo>();
  private nextId = 1;

  constructor(storage: Storage) {
    this.storage = storage;
    storage.beforeCommit = () => this.storeCounts();
    storage.afterAbort = () => this.load();
    this.load();
  }

  /** Makes a collection; only inside a write. */
  create(namespace: string, options: Record<string, unknown> = {}): CollectionInfo {
    const info: CollectionInfo = {
      id: this.nextId++,
      namespace,
      uuid: randomUUID(),
      options,
      indexes: [],
      count: 0,
      bytes: 0,
    };
    this.collections.set(namespace, info);
    this.store(info);
    return info;
  }

  /** Adds an index to the catalog, without its entries; only inside a write. */
  addIndex(info: CollectionInfo, spec: IndexSpec): Index {
    const index = { ...spec, id: this.nextId++, isMultikey: false };
    info.indexes = [...info.indexes, index];
    this.store(info);
    return index;
  }

  /** Removes an index from the catalog, but not its entries; only inside a write. */
  removeIndex(info: CollectionInfo, index: Index): void {
    info.indexes = info.indexes.filter((other) => other !== index);
    this.store(info);
  }

  /** Removes a collection from the catalog, but not its documents; only inside a write. */
  remove(info: CollectionInfo): void {
    this.collections.delete(info.namespace);
    this.changed.delete(info);
    this.storage.remove(catalogKey(info.namespace));
    this.storage.remove(countsKey(info.id));
  }

  /** Renames a collection; only inside a write. */
  rename(info: CollectionInfo, namespace: string): void {
    this.storage.remove(catalogKey(info.namespace));
    this.collections.delete(info.namespace);
    info.namespace = namespace;
    this.collections.set(namespace, info);
    this.store(info);
  }

  /** Records that an index holds array elements; only inside a write. */
  markMultikey(info: CollectionInfo, index: Index): void {
    index.isMultikey = true;
    this.store(info);
  }

  /** Adds to a collection's counts; stored once, before the commit. */
  count(info: CollectionInfo, documents: number, bytes: number): void {
    info.count += documents;
    info.bytes += bytes;
    this.changed.add(info);
  }

  private storeCounts(): void {
    for (const info of this.changed) {
      const counts = Buffer.allocUnsafe(16);
      counts.writeDoubleLE(info.count, 0);
      counts.writeDoubleLE(info.bytes, 8);
      this.storage.put(countsKey(info.id), counts);
    }
    this.changed.clear();
  }

  private store(info: CollectionInfo): void {
    const entry: StoredEntry = {
      id: info.id,
      uuid: info.uuid,
      options: info.options,
      indexes: info.indexes.map(({ id, isMultikey, document }) => ({
        id,
        isMultikey,
        spec: new Binary(document),
      })),
    };
    this.storage.put(catalogKey(info.namespace), toBson({ ...entry }));
    this.changed.add(info);
  }

  private load(): void {
    this.collections.clear();
    this.changed.clear();
    for (const { key, value } of this.storage.scan(CATALOG_RANGE)) {
      const namespace = Buffer.from(key.subarray(1)).toString();
      const entry = deserialize(value) as StoredEntry;
      const counts = this.storage.get(countsKey(entry.id));
      this.collections.set(namespace, {
        id: entry.id,
        namespace,
        uuid: entry.uuid,
        options: entry.options,
        indexes: entry.indexes.map(({ id, isMultikey, spec }) => ({
          ...parseIndexSpec(Buffer.from(spec.buffer)),
          id,
          isMultikey,
        })),
        count: counts ? Buffer.from(counts).readDoubleLE(0) : 0,
        bytes: counts ? Buffer.from(counts).readDoubleLE(8) : 0,
      });
      this.nextId = Math.max(this.nextId, entry.id + 1, ...entry.indexes.map(({ id }) => id + 1));
    }
  }
}

/** A collection's UUID as drivers show it. */
export function uuidOf(info: CollectionInfo): UUID {
  return new UUID(info.uuid);
}
