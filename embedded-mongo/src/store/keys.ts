/**
 * The keys of the map: one leading byte per kind, then the number of the collection or index. `10 namespace` → catalog
 * entry, `12 collection` → counts, `20 collection id` → document, `30 index values [id]` → id (unique indexes leave the
 * id out of the key, so a second entry would be the same key).
 */
import { KeyWriter } from '../bson/key-writer.ts';
import { writeOrderKey } from '../bson/order-key.ts';
import type { RawValue } from '../bson/raw.ts';
import { CommandError } from '../core/errors.ts';
import { MAX_KEY_BYTES, type Range } from './storage.ts';

const CATALOG = 0x10;
const COUNTS = 0x12;
const DOCUMENTS = 0x20;
const INDEX = 0x30;

const writer = new KeyWriter();

/** Key of a namespace's catalog entry. */
export function catalogKey(namespace: string): Buffer {
  return Buffer.concat([Buffer.from([CATALOG]), Buffer.from(namespace)]);
}

/** All catalog entries. */
export const CATALOG_RANGE: Range = { start: Buffer.from([CATALOG]), end: Buffer.from([CATALOG + 1]) };

/** Key of a collection's counts. */
export function countsKey(collection: number): Buffer {
  return prefix(COUNTS, collection);
}

/** All documents of a collection, in the order of their ids. */
export function documentRange(collection: number): Range {
  return { start: prefix(DOCUMENTS, collection), end: prefix(DOCUMENTS, collection + 1) };
}

/** All entries of an index. */
export function indexRange(index: number): Range {
  return { start: prefix(INDEX, index), end: prefix(INDEX, index + 1) };
}

/**
 * Key of the document with this `_id`.
 *
 * @throws {CommandError} KeyTooLong when the `_id` is longer than lmdb can hold.
 */
export function documentKey(collection: number, id: RawValue): Buffer {
  begin(DOCUMENTS, collection);
  writeOrderKey(writer, id);
  return take('_id');
}

/** The part of a document key that stands for the `_id`. */
export function idPart(documentKey: Buffer): Buffer {
  return documentKey.subarray(5) as Buffer;
}

/** Puts the key of a document together from its `_id` part. */
export function documentKeyOf(collection: number, idPart: Buffer): Buffer {
  begin(DOCUMENTS, collection);
  writer.slice(idPart, 0, idPart.length);
  return writer.take();
}

/**
 * Key of an index entry.
 *
 * @throws {CommandError} KeyTooLong when the values are longer than lmdb can hold.
 */
export function indexEntryKey(index: { id: number; name: string }, values: Buffer, idPart?: Buffer): Buffer {
  begin(INDEX, index.id);
  writer.slice(values, 0, values.length);
  if (idPart) writer.slice(idPart, 0, idPart.length);
  return take(index.name);
}

/** The range of entries between two value prefixes of an index. */
export function indexSpan(index: number, low: Buffer, high: Buffer): Range {
  return {
    start: Buffer.concat([prefix(INDEX, index), low]),
    end: Buffer.concat([prefix(INDEX, index), high]),
  };
}

function prefix(kind: number, number: number): Buffer {
  begin(kind, number);
  return writer.take();
}

function begin(kind: number, number: number): void {
  writer.length = 0;
  writer.byte(kind);
  writer.uint32(number);
}

function take(what: string): Buffer {
  if (writer.length <= MAX_KEY_BYTES) return writer.take();
  throw new CommandError(
    'KeyTooLong',
    `the value of index ${what} takes ${writer.length} bytes; the embedded database keeps at most ${MAX_KEY_BYTES}`,
  );
}
