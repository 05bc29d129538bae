/**
 * Builds BSON from values that are already bytes, and small documents from JavaScript values. A reply of raw documents
 * is built without decoding them.
 */
import { serialize } from 'bson';
import { BSON_TYPE, type RawValue } from './raw.ts';

/** Turns a JavaScript object into the bytes of a document. */
export function toBson(document: Record<string, unknown>): Buffer {
  const bytes = serialize(document, { ignoreUndefined: true });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Turns one JavaScript value into a raw value. */
export function toRawValue(value: unknown): RawValue {
  const bytes = toBson({ v: value });
  return { type: bytes[4] as number, bytes, start: 7, end: bytes.length - 1 };
}

/** A whole document as a raw value. */
export function documentValue(bytes: Buffer): RawValue {
  return { type: BSON_TYPE.object, bytes, start: 0, end: bytes.length };
}

/** Puts fields together into a document. */
export function buildDocument(fields: Iterable<readonly [string, RawValue]>): Buffer {
  const parts: Buffer[] = [];
  let length = 5;
  for (const [name, value] of fields) {
    const head = Buffer.allocUnsafe(Buffer.byteLength(name) + 2);
    head[0] = value.type;
    head.write(name, 1);
    head[head.length - 1] = 0;
    const body = value.bytes.subarray(value.start, value.end);
    parts.push(head, body);
    length += head.length + body.length;
  }
  const document = Buffer.allocUnsafe(length);
  document.writeInt32LE(length, 0);
  let at = 4;
  for (const part of parts) {
    document.set(part, at);
    at += part.length;
  }
  document[at] = 0;
  return document;
}

/** Puts documents together into a BSON array. */
export function buildArray(documents: readonly Buffer[]): Buffer {
  let length = 5;
  for (let index = 0; index < documents.length; index++) {
    length += 2 + digits(index) + (documents[index] as Buffer).length;
  }
  const array = Buffer.allocUnsafe(length);
  array.writeInt32LE(length, 0);
  let at = 4;
  for (let index = 0; index < documents.length; index++) {
    const document = documents[index] as Buffer;
    array[at++] = BSON_TYPE.object;
    at += array.write(String(index), at, 'latin1');
    array[at++] = 0;
    array.set(document, at);
    at += document.length;
  }
  array[at] = 0;
  return array;
}

function digits(index: number): number {
  return index < 10 ? 1 : index < 100 ? 2 : String(index).length;
}
