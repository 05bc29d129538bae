/**
 * Documents and their index entries, changed together: everything is checked first, then written, so a refusal changes
 * nothing. Only called inside a storage write.
 */
import { findField, type RawValue } from '../bson/raw.ts';
import { CommandError } from '../core/errors.ts';
import type { Catalog, CollectionInfo, Index } from './catalog.ts';
import { keyPatternOf, keyValueOf, toShellText } from './duplicate.ts';
import { type IndexKeys, indexKeys } from './index-keys.ts';
import { documentKey, idPart, indexEntryKey } from './keys.ts';
import type { Memory } from './memory.ts';
import type { Storage } from './storage.ts';

const ID = Buffer.from('_id');

/** A stored document: its key and its bytes. */
export interface StoredDocument {
  readonly key: Buffer;
  readonly bytes: Buffer;
}

/** The open database: storage and catalog. */
export interface Store {
  readonly storage: Storage;
  readonly catalog: Catalog;
  /** Called at every step of long work; throws when the time of the command is over. */
  readonly checkTime: () => void;
  /** The memory of work in progress. */
  readonly memory: Memory;
}

/**
 * Inserts a document.
 *
 * @throws {CommandError} DuplicateKey when its `_id` or a unique index value exists.
 */
export function insertDocument(store: Store, info: CollectionInfo, bytes: Buffer): void {
  const id = findField(bytes, 0, ID) as RawValue;
  const key = documentKey(info.id, id);
  if (store.storage.get(key)) throw duplicateId(info, bytes);
  const entries = entriesOf(store, info, key, bytes);
  for (const { index, keys } of entries) {
    for (const entry of keys) refuseDuplicate(store, info, index, entry, key, bytes);
  }
  store.storage.put(key, bytes);
  for (const { keys } of entries) for (const entry of keys) store.storage.put(entry, idPart(key));
  store.catalog.count(info, 1, bytes.length);
}

/**
 * Replaces the document with the same `_id`.
 *
 * @throws {CommandError} DuplicateKey when a unique index value exists in another document.
 */
export function replaceDocument(
  store: Store,
  info: CollectionInfo,
  old: StoredDocument,
  bytes: Buffer,
): void {
  const before = info.indexes.length === 0 ? [] : entriesOf(store, info, old.key, old.bytes);
  const after = info.indexes.length === 0 ? [] : entriesOf(store, info, old.key, bytes);
  const added: Buffer[] = [];
  const removed: Buffer[] = [];
  for (let at = 0; at < after.length; at++) {
    const { index, keys } = after[at] as Entries;
    const { keys: oldKeys } = before[at] as Entries;
    for (const entry of keys) {
      if (oldKeys.some((other) => other.equals(entry))) continue;
      refuseDuplicate(store, info, index, entry, old.key, bytes);
      added.push(entry);
    }
    for (const entry of oldKeys) if (!keys.some((other) => other.equals(entry))) removed.push(entry);
  }
  for (const entry of removed) store.storage.remove(entry);
  for (const entry of added) store.storage.put(entry, idPart(old.key));
  store.storage.put(old.key, bytes);
  store.catalog.count(info, 0, bytes.length - old.bytes.length);
}

/** Removes a document. */
export function removeDocument(store: Store, info: CollectionInfo, old: StoredDocument): void {
  for (const { keys } of entriesOf(store, info, old.key, old.bytes)) {
    for (const entry of keys) store.storage.remove(entry);
  }
  store.storage.remove(old.key);
  store.catalog.count(info, -1, -old.bytes.length);
}

/**
 * Writes the entries of one document into a new index.
 *
 * @throws {CommandError} DuplicateKey when the index is unique and the value is there already.
 */
export function indexDocument(
  store: Store,
  info: CollectionInfo,
  index: Index,
  document: StoredDocument,
): void {
  for (const entry of entryKeys(store, info, index, document.key, document.bytes)) {
    refuseDuplicate(store, info, index, entry, document.key, document.bytes);
    store.storage.put(entry, idPart(document.key));
  }
}

interface Entries {
  readonly index: Index;
  readonly keys: readonly Buffer[];
}

function entriesOf(store: Store, info: CollectionInfo, key: Buffer, bytes: Buffer): Entries[] {
  return info.indexes.map((index) => ({ index, keys: entryKeys(store, info, index, key, bytes) }));
}

function entryKeys(store: Store, info: CollectionInfo, index: Index, key: Buffer, bytes: Buffer): Buffer[] {
  const values: IndexKeys = indexKeys(index, bytes);
  if (values.isMultikey && !index.isMultikey) store.catalog.markMultikey(info, index);
  return values.keys.map((value) => indexEntryKey(index, value, index.unique ? undefined : idPart(key)));
}

function refuseDuplicate(
  store: Store,
  info: CollectionInfo,
  index: Index,
  entry: Buffer,
  key: Buffer,
  bytes: Buffer,
): void {
  if (!index.unique) return;
  const owner = store.storage.get(entry);
  if (!owner || idPart(key).equals(owner)) return;
  const names = index.parts.map(({ path }) => path.text);
  throw duplicate(info, index.name, keyPatternOf(index.parts), keyValueOf(names, bytes));
}

function duplicateId(info: CollectionInfo, bytes: Buffer): CommandError {
  return duplicate(info, '_id_', { _id: 1 }, keyValueOf(['_id'], bytes));
}

function duplicate(
  info: CollectionInfo,
  index: string,
  keyPattern: Record<string, number>,
  keyValue: Record<string, unknown>,
): CommandError {
  return new CommandError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${info.namespace} index: ${index} dup key: ${toShellText(keyValue)}`,
    { keyPattern, keyValue },
  );
}
