/**
 * The keys a document has in an index: one per array element where a field is an array ("multikey",
 * https://www.mongodb.com/docs/manual/core/indexes/index-types/index-multikey/). A missing field counts as null.
 */
import { KeyWriter } from '../bson/key-writer.ts';
import { writeOrderKey } from '../bson/order-key.ts';
import { elementsOf, type PathPart } from '../bson/path.ts';
import { BSON_TYPE, findField, MISSING, type RawValue } from '../bson/raw.ts';
import { CommandError } from '../core/errors.ts';
import { matches } from '../query/match.ts';
import type { IndexSpec } from './index-spec.ts';

/** The keys of one document in one index. */
export interface IndexKeys {
  readonly keys: readonly Buffer[];
  readonly isMultikey: boolean;
}

const NONE: IndexKeys = { keys: [], isMultikey: false };
const EMPTY_ARRAY: RawValue = { ...MISSING, type: BSON_TYPE.undefined };
const writer = new KeyWriter();

/**
 * Lists the keys of a document; none when the index is partial or sparse and does not include it.
 *
 * @throws {CommandError} CannotIndexParallelArrays when two parts are different arrays.
 */
export function indexKeys(spec: IndexSpec, document: Buffer): IndexKeys {
  if (spec.partial && !matches(spec.partial, document, 0)) return NONE;
  const state = { isMultikey: false, hasValue: false };
  const rows = expand(
    spec.parts.map(({ path }) => walk(document, 0, path.parts, 0)),
    state,
  );
  if (spec.sparse && !state.hasValue) return NONE;
  if (rows.length === 1) return { keys: [encode(spec, rows[0] as RawValue[])], isMultikey: state.isMultikey };
  const keys = new Map<string, Buffer>();
  for (const row of rows) {
    const key = encode(spec, row);
    keys.set(key.toString('latin1'), key);
  }
  return { keys: [...keys.values()], isMultikey: state.isMultikey };
}

/** The state of a part's path: at a value, or at an array with the rest of the path. */
interface Reached {
  readonly value: RawValue;
  readonly parts: readonly PathPart[];
  readonly from: number;
}

function walk(bytes: Buffer, start: number, parts: readonly PathPart[], from: number): Reached {
  const value = findField(bytes, start, (parts[from] as PathPart).bytes) ?? MISSING;
  const next = from + 1;
  if (value.type === BSON_TYPE.array || next === parts.length) return { value, parts, from: next };
  if (value.type === BSON_TYPE.object) return walk(bytes, value.start, parts, next);
  return { value: MISSING, parts, from: parts.length };
}

function expand(
  reached: readonly Reached[],
  state: { isMultikey: boolean; hasValue: boolean },
): RawValue[][] {
  const arrays = reached.filter(({ value }) => value.type === BSON_TYPE.array);
  const first = arrays[0];
  for (const { value } of reached) if (value.type !== BSON_TYPE.missing) state.hasValue = true;
  if (!first) return [reached.map(({ value }) => value)];
  if (arrays.some(({ value }) => value.start !== first.value.start)) {
    throw new CommandError('CannotIndexParallelArrays', 'cannot index parallel arrays');
  }
  state.isMultikey = true;
  const elements = elementsOf(first.value);
  const rows = elements.length === 0 ? [undefined] : elements;
  return rows.flatMap((element) =>
    expand(
      reached.map((part) => step(part, element)),
      state,
    ),
  );
}

/** Continues from an array with one of its elements; nested arrays are values. */
function step(part: Reached, element: RawValue | undefined): Reached {
  const done = { parts: part.parts, from: part.parts.length };
  if (part.value.type !== BSON_TYPE.array) return part;
  const isLeaf = part.from === part.parts.length;
  if (!element) return { value: isLeaf ? EMPTY_ARRAY : MISSING, ...done };
  if (isLeaf) return { value: element.type === BSON_TYPE.array ? nested(element) : element, ...done };
  if (element.type !== BSON_TYPE.object) return { value: MISSING, ...done };
  return walk(element.bytes, element.start, part.parts, part.from);
}

/** Marks an array inside an array, so that it is not opened again. */
function nested(array: RawValue): RawValue {
  return { ...array, type: NESTED_ARRAY };
}

const NESTED_ARRAY = 0x104;

function encode(spec: IndexSpec, row: readonly RawValue[]): Buffer {
  writer.length = 0;
  for (let at = 0; at < row.length; at++) {
    const start = writer.length;
    const value = row[at] as RawValue;
    writeOrderKey(writer, value.type === NESTED_ARRAY ? { ...value, type: BSON_TYPE.array } : value);
    if (spec.parts[at]?.direction === -1) writer.invert(start);
  }
  return writer.take();
}
