/**
 * Turns a BSON value into bytes whose order is MongoDB's order of values
 * (https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/).
 * The one source of truth for comparing: indexes, sorts, `$gt`, `$min` and equality all go through it.
 */

import { KeyWriter } from './key-writer.ts';
import { writeNumberKey } from './number-key.ts';
import { BSON_TYPE, cstringEnd, payloadEnd, type RawValue, readInt32 } from './raw.ts';

const TAG_OF_TYPE = new Uint8Array(256);
for (const [type, tag] of [
  [BSON_TYPE.minKey, 0x05],
  [BSON_TYPE.undefined, 0x08],
  [BSON_TYPE.missing, 0x0a],
  [BSON_TYPE.null, 0x0a],
  [BSON_TYPE.double, 0x14],
  [BSON_TYPE.int, 0x14],
  [BSON_TYPE.long, 0x14],
  [BSON_TYPE.decimal, 0x14],
  [BSON_TYPE.string, 0x1e],
  [BSON_TYPE.object, 0x28],
  [BSON_TYPE.array, 0x32],
  [BSON_TYPE.binary, 0x3c],
  [BSON_TYPE.objectId, 0x46],
  [BSON_TYPE.bool, 0x50],
  [BSON_TYPE.date, 0x5a],
  [BSON_TYPE.timestamp, 0x5e],
  [BSON_TYPE.regex, 0x64],
  [BSON_TYPE.code, 0x78],
  [BSON_TYPE.maxKey, 0xf0],
] as const) {
  TAG_OF_TYPE[type] = tag;
}

/** The class of values a type belongs to; values of different classes never match `$lt`, `$gt` or equality. */
export function orderTag(type: number): number {
  return TAG_OF_TYPE[type] as number;
}

/** Appends the key of a value: its class, then its payload. */
export function writeOrderKey(out: KeyWriter, value: RawValue): void {
  out.byte(TAG_OF_TYPE[value.type] as number);
  writePayload(out, value);
}

const shared = new KeyWriter();

/** Makes the key of one value. */
export function orderKey(value: RawValue): Buffer {
  shared.length = 0;
  writeOrderKey(shared, value);
  return shared.take();
}

/** Compares two values in MongoDB's order. */
export function compareValues(left: RawValue, right: RawValue): number {
  if (left.type === right.type && left.type === BSON_TYPE.int) {
    return readInt32(left.bytes, left.start) - readInt32(right.bytes, right.start);
  }
  const tag = orderTag(left.type) - orderTag(right.type);
  if (tag !== 0) return tag;
  return Buffer.compare(orderKey(left), orderKey(right));
}

function writePayload(out: KeyWriter, value: RawValue): void {
  const { type, bytes, start, end } = value;
  switch (type) {
    case BSON_TYPE.int:
    case BSON_TYPE.double:
    case BSON_TYPE.long:
    case BSON_TYPE.decimal:
      writeNumberKey(out, value);
      return;
    case BSON_TYPE.string:
    case BSON_TYPE.code:
      out.escaped(bytes, start + 4, end - 1);
      return;
    case BSON_TYPE.objectId:
      out.slice(bytes, start, end);
      return;
    case BSON_TYPE.bool:
      out.byte((bytes[start] as number) + 1);
      return;
    case BSON_TYPE.date:
      writeBigEndian(out, bytes, start, true);
      return;
    case BSON_TYPE.timestamp:
      writeBigEndian(out, bytes, start, false);
      return;
    case BSON_TYPE.binary:
      out.uint32(readInt32(bytes, start));
      out.slice(bytes, start + 4, end);
      return;
    case BSON_TYPE.regex: {
      const patternEnd = cstringEnd(bytes, start);
      out.slice(bytes, start, patternEnd + 1);
      out.slice(bytes, patternEnd + 1, end);
      return;
    }
    case BSON_TYPE.object:
      writeFields(out, bytes, start, true);
      return;
    case BSON_TYPE.array:
      writeFields(out, bytes, start, false);
      return;
    default:
      return;
  }
}

/** An object: per field its class, its name, its value; an array: without the names. */
function writeFields(out: KeyWriter, bytes: Buffer, start: number, named: boolean): void {
  const last = start + readInt32(bytes, start) - 1;
  let at = start + 4;
  while (at < last) {
    const type = bytes[at] as number;
    const nameEnd = cstringEnd(bytes, at + 1);
    out.byte(TAG_OF_TYPE[type] as number);
    if (named) out.slice(bytes, at + 1, nameEnd + 1);
    const end = payloadEnd(type, bytes, nameEnd + 1);
    writePayload(out, { type, bytes, start: nameEnd + 1, end });
    at = end;
  }
  out.byte(0);
}

function writeBigEndian(out: KeyWriter, bytes: Uint8Array, start: number, signed: boolean): void {
  out.reserve(8);
  for (let at = start + 7; at >= start; at--) out.bytes[out.length++] = bytes[at] as number;
  const first = out.length - 8;
  if (signed) out.bytes[first] = (out.bytes[first] as number) ^ 0x80;
}
