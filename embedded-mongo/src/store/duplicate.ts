/** The fields and values in a duplicate-key error (https://www.mongodb.com/docs/manual/core/index-unique/). */
import { deserialize, EJSON } from 'bson';
import { parsePath, walkPath } from '../bson/path.ts';
import { MISSING, type RawValue } from '../bson/raw.ts';
import { buildDocument } from '../bson/write.ts';
import type { IndexPart } from './index-spec.ts';

/** The fields and directions of an index, as its key document shows them. */
export function keyPatternOf(parts: readonly IndexPart[]): Record<string, number> {
  return Object.fromEntries(parts.map(({ path, direction }) => [path.text, direction]));
}

/** The values a document has in these fields; null where it has none. */
export function keyValueOf(names: readonly string[], document: Buffer): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, valueAt(name, document)]));
}

/** Writes values as MongoDB does in its messages: `{ email: "a" }`. */
export function toShellText(values: Record<string, unknown>): string {
  const parts = Object.entries(values).map(
    ([name, value]) => `${name}: ${EJSON.stringify(value, { relaxed: true })}`,
  );
  return `{ ${parts.join(', ')} }`;
}

function valueAt(name: string, document: Buffer): unknown {
  let first: RawValue = MISSING;
  walkPath(document, 0, parsePath(name).parts, (value) => {
    first = value;
    return true;
  });
  if (first.type === 0) return null;
  return deserialize(buildDocument([['v', first]]), { promoteLongs: false, promoteValues: false }).v;
}
