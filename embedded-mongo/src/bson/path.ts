/**
 * Dotted field names ("out.due", "items.0.sku") and how MongoDB walks them through arrays
 * (https://www.mongodb.com/docs/manual/tutorial/query-array-of-documents/).
 */
import { BSON_TYPE, cstringEnd, findField, MISSING, payloadEnd, type RawValue, readInt32 } from './raw.ts';

/** One component of a path: its name, its bytes, and its number when it may be an array position, else -1. */
export interface PathPart {
  readonly name: string;
  readonly bytes: Buffer;
  readonly index: number;
}

/** A parsed dotted name. */
export interface FieldPath {
  readonly text: string;
  readonly parts: readonly PathPart[];
}

const known = new Map<string, FieldPath>();

/** Parses a dotted name, with a cache of up to 2,000. */
export function parsePath(text: string): FieldPath {
  const seen = known.get(text);
  if (seen) return seen;
  const parts = text.split('.').map((name) => ({
    name,
    bytes: Buffer.from(name),
    index: /^(0|[1-9]\d{0,6})$/.test(name) ? Number(name) : -1,
  }));
  const path = { text, parts };
  if (known.size < 2000) known.set(text, path);
  return path;
}

/**
 * Calls `visit` with each value the path leads to in the document, going into arrays on the way (not at the end);
 * stops and answers true when `visit` does. A document without the field is visited once with "missing".
 * `position` is the index in the first array that was crossed, or -1.
 */
export function walkPath(
  bytes: Buffer,
  start: number,
  parts: readonly PathPart[],
  visit: (value: RawValue, position: number) => boolean,
  from = 0,
  position = -1,
): boolean {
  const part = parts[from] as PathPart;
  const value = findField(bytes, start, part.bytes);
  if (!value) return visit(MISSING, position);
  const next = from + 1;
  if (next === parts.length) return visit(value, position);
  if (value.type === BSON_TYPE.object) return walkPath(bytes, value.start, parts, visit, next, position);
  if (value.type === BSON_TYPE.array) return walkArray(value, parts, visit, next, position);
  return visit(MISSING, position);
}

function walkArray(
  array: RawValue,
  parts: readonly PathPart[],
  visit: (value: RawValue, position: number) => boolean,
  from: number,
  position: number,
): boolean {
  const { index } = parts[from] as PathPart;
  return eachElement(array, (element, at) => {
    const crossed = position < 0 ? at : position;
    if (element.type === BSON_TYPE.object) {
      if (walkPath(element.bytes, element.start, parts, visit, from, crossed)) return true;
    }
    if (at !== index) return false;
    if (from + 1 === parts.length) return visit(element, crossed);
    if (element.type === BSON_TYPE.object) {
      return walkPath(element.bytes, element.start, parts, visit, from + 1, crossed);
    }
    return element.type === BSON_TYPE.array && walkArray(element, parts, visit, from + 1, crossed);
  });
}

/** Calls `visit` with each element of an array; stops and answers true when `visit` does. */
export function eachElement(array: RawValue, visit: (element: RawValue, index: number) => boolean): boolean {
  const { bytes } = array;
  const last = array.start + readInt32(bytes, array.start) - 1;
  let at = array.start + 4;
  let index = 0;
  while (at < last) {
    const type = bytes[at] as number;
    const start = cstringEnd(bytes, at + 1) + 1;
    const end = payloadEnd(type, bytes, start);
    if (visit({ type, bytes, start, end }, index++)) return true;
    at = end;
  }
  return false;
}

/** Lists the elements of an array. */
export function elementsOf(array: RawValue): RawValue[] {
  const elements: RawValue[] = [];
  eachElement(array, (element) => {
    elements.push(element);
    return false;
  });
  return elements;
}
