/** The arguments of `$type`: names and numbers of BSON types (https://www.mongodb.com/docs/manual/reference/operator/query/type/). */
import { elementsOf } from '../bson/path.ts';
import { BSON_TYPE, type RawValue, readString } from '../bson/raw.ts';
import { toInteger } from '../bson/to-number.ts';
import { CommandError } from '../core/errors.ts';

const NUMERIC = [BSON_TYPE.int, BSON_TYPE.double, BSON_TYPE.long, BSON_TYPE.decimal];

const NAMES: Record<string, readonly number[]> = {
  double: [BSON_TYPE.double],
  string: [BSON_TYPE.string],
  object: [BSON_TYPE.object],
  array: [BSON_TYPE.array],
  binData: [BSON_TYPE.binary],
  objectId: [BSON_TYPE.objectId],
  bool: [BSON_TYPE.bool],
  date: [BSON_TYPE.date],
  null: [BSON_TYPE.null],
  regex: [BSON_TYPE.regex],
  javascript: [BSON_TYPE.code],
  int: [BSON_TYPE.int],
  timestamp: [BSON_TYPE.timestamp],
  long: [BSON_TYPE.long],
  decimal: [BSON_TYPE.decimal],
  minKey: [BSON_TYPE.minKey],
  maxKey: [BSON_TYPE.maxKey],
  number: NUMERIC,
};

/**
 * Reads the argument of `$type`, one type or an array of them.
 *
 * @throws {CommandError} BadValue for an unknown type.
 */
export function parseTypes(argument: RawValue): Set<number> {
  const wanted = argument.type === BSON_TYPE.array ? elementsOf(argument) : [argument];
  return new Set(wanted.flatMap(typesOf));
}

function typesOf(value: RawValue): readonly number[] {
  if (value.type === BSON_TYPE.string) {
    const name = readString(value);
    const types = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
    if (types) return types;
    throw new CommandError('BadValue', `Unknown type name alias: ${name}`);
  }
  const code = toInteger(value);
  const type = code === -1 ? BSON_TYPE.minKey : code;
  if (type !== undefined && type > 0 && Object.values(NAMES).some((types) => types.includes(type)))
    return [type];
  throw new CommandError('BadValue', 'Invalid numerical type code');
}
