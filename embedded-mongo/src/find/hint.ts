/** The `hint` of a command: the name or the key document of an index. */
import { BSON_TYPE, type RawValue, readFields, readString } from '../bson/raw.ts';
import { toNumber } from '../bson/to-number.ts';
import { CommandError } from '../core/errors.ts';
import type { CollectionInfo } from '../store/catalog.ts';

/**
 * The name of the index; undefined when there is no hint, or `{$natural: 1}`.
 *
 * @throws {CommandError} BadValue when there is no such index.
 */
export function hintOf(hint: RawValue | undefined, info: CollectionInfo): string | undefined {
  if (!hint || hint.type === BSON_TYPE.null) return undefined;
  const name = hint.type === BSON_TYPE.string ? byName(readString(hint), info) : byKey(hint, info);
  if (name !== undefined) return name === '$natural' ? undefined : name;
  throw new CommandError('BadValue', 'hint provided does not correspond to an existing index');
}

function byName(name: string, info: CollectionInfo): string | undefined {
  return name === '_id_' || info.indexes.some((index) => index.name === name) ? name : undefined;
}

function byKey(hint: RawValue, info: CollectionInfo): string | undefined {
  if (hint.type !== BSON_TYPE.object) return undefined;
  const fields = readFields(hint.bytes, hint.start);
  if (fields.length === 0 || fields[0]?.name === '$natural') return '$natural';
  const wanted = JSON.stringify(fields.map((field) => [field.name, toNumber(field)]));
  if (wanted === '[["_id",1]]') return '_id_';
  return info.indexes.find(
    ({ parts }) => JSON.stringify(parts.map(({ path, direction }) => [path.text, direction])) === wanted,
  )?.name;
}
