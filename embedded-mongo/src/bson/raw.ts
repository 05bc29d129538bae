/**
 * Reads BSON in place, without turning it into objects. Documents pass through this server as the bytes they arrived
 * in; only the fields that a command needs are read. Everything here trusts its input: `validate.ts` checks lengths and
 * types once, when a message arrives.
 */

/** BSON element types (https://bsonspec.org/spec.html), plus 0 for "no such field". */
export const BSON_TYPE = {
  missing: 0,
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binary: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  code: 13,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  maxKey: 127,
  minKey: 255,
} as const;

/** One value in place: its type, and the bytes `[start, end)` of its payload. */
export interface RawValue {
  readonly type: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A field: its name and its value. */
export interface RawField extends RawValue {
  readonly name: string;
}

/** The value of a field that does not exist. */
export const MISSING: RawValue = { type: 0, bytes: Buffer.alloc(0), start: 0, end: 0 };

/** Reads a little-endian 32-bit integer. */
export function readInt32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** Gives the offset just after the payload of a value of `type` that starts at `at`; -1 when the type is unknown. */
export function payloadEnd(type: number, bytes: Uint8Array, at: number): number {
  switch (type) {
    case 16:
      return at + 4;
    case 2:
    case 13:
      return at + 4 + readInt32(bytes, at);
    case 7:
      return at + 12;
    case 3:
    case 4:
      return at + readInt32(bytes, at);
    case 1:
    case 9:
    case 17:
    case 18:
      return at + 8;
    case 8:
      return at + 1;
    case 6:
    case 10:
    case 127:
    case 255:
      return at;
    case 5:
      return at + 5 + readInt32(bytes, at);
    case 19:
      return at + 16;
    case 11:
      return cstringEnd(bytes, cstringEnd(bytes, at) + 1) + 1;
    default:
      return -1;
  }
}

/** Gives the offset of the zero byte that ends the C string at `at`. */
export function cstringEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (bytes[end] !== 0 && end < bytes.length) end++;
  return end;
}

/** Reads the name between two offsets; short ASCII names, the usual ones, without a call out of JavaScript. */
function readName(bytes: Buffer, start: number, end: number): string {
  if (end - start > 24) return bytes.toString('utf8', start, end);
  let name = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte > 127) return bytes.toString('utf8', start, end);
    name += String.fromCharCode(byte);
  }
  return name;
}

/** Lists the fields of the document (or array) at `start`. */
export function readFields(bytes: Buffer, start: number): RawField[] {
  const fields: RawField[] = [];
  const last = start + readInt32(bytes, start) - 1;
  let at = start + 4;
  while (at < last) {
    const type = bytes[at] as number;
    const nameEnd = cstringEnd(bytes, at + 1);
    const name = readName(bytes, at + 1, nameEnd);
    const end = payloadEnd(type, bytes, nameEnd + 1);
    fields.push({ name, type, bytes, start: nameEnd + 1, end });
    at = end;
  }
  return fields;
}

/** Finds a field of the document at `start` by the UTF-8 bytes of its name. */
export function findField(bytes: Buffer, start: number, name: Uint8Array): RawValue | undefined {
  const last = start + readInt32(bytes, start) - 1;
  const length = name.length;
  let at = start + 4;
  while (at < last) {
    const type = bytes[at] as number;
    let cursor = at + 1;
    let same = 0;
    while (same < length && bytes[cursor] === name[same]) {
      cursor++;
      same++;
    }
    const found = same === length && bytes[cursor] === 0;
    while (bytes[cursor] !== 0) cursor++;
    const end = payloadEnd(type, bytes, cursor + 1);
    if (found) return { type, bytes, start: cursor + 1, end };
    at = end;
  }
  return undefined;
}

/** Reads a string value. */
export function readString(value: RawValue): string {
  return value.bytes.toString('utf8', value.start + 4, value.end - 1);
}

/** Tells whether a value is a number of any of the four numeric types. */
export function isNumber(value: RawValue): boolean {
  return value.type === 16 || value.type === 1 || value.type === 18 || value.type === 19;
}
