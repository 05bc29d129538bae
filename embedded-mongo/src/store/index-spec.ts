/**
 * The specification of an index: its parts and options, parsed from the document `createIndexes` sends
 * (https://www.mongodb.com/docs/manual/reference/command/createIndexes/). Unsupported kinds and options are refused
 * with CannotCreateIndex.
 */
import { type FieldPath, parsePath } from '../bson/path.ts';
import { BSON_TYPE, type RawField, type RawValue, readFields, readString } from '../bson/raw.ts';
import { toInteger, toNumber } from '../bson/to-number.ts';
import { CommandError } from '../core/errors.ts';
import { parseFilter } from '../query/parse-filter.ts';
import type { Filter } from '../query/predicate.ts';

/** One part of an index. */
export interface IndexPart {
  readonly path: FieldPath;
  readonly direction: 1 | -1;
}

/** A parsed index document. */
export interface IndexSpec {
  readonly name: string;
  readonly parts: readonly IndexPart[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly partial: Filter | undefined;
  readonly expireAfterSeconds: number | undefined;
  /** The document as it was given; `listIndexes` shows it. */
  readonly document: Buffer;
}

const IGNORED = new Set(['v', 'background', 'ns', 'comment']);

/**
 * Parses one index document.
 *
 * @throws {CommandError} CannotCreateIndex for kinds and options outside the supported ones, BadValue for wrong values.
 */
export function parseIndexSpec(document: Buffer): IndexSpec {
  const fields = new Map(readFields(document, 0).map((field) => [field.name, field]));
  const key = fields.get('key');
  if (key?.type !== BSON_TYPE.object)
    throw new CommandError(
      'FailedToParse',
      "The 'key' field is a required property of an index specification",
    );
  const name = fields.get('name');
  if (name?.type !== BSON_TYPE.string)
    throw new CommandError(
      'FailedToParse',
      "The 'name' field is a required property of an index specification",
    );
  for (const field of fields.values()) refuseUnknown(field);
  const partial = fields.get('partialFilterExpression');
  const sparse = isOn(fields.get('sparse'));
  if (partial && sparse)
    throw new CommandError('CannotCreateIndex', 'cannot mix "partialFilterExpression" and "sparse" options');
  const parts = parseParts(key);
  return {
    name: readString(name),
    parts,
    unique: isOn(fields.get('unique')),
    sparse,
    partial: partial && parsePartial(partial),
    expireAfterSeconds: parseExpiry(fields.get('expireAfterSeconds'), parts),
    document,
  };
}

function parseParts(key: RawValue): IndexPart[] {
  const parts = readFields(key.bytes, key.start).map((field) => {
    const direction = toNumber(field);
    if (field.type === BSON_TYPE.string) {
      throw new CommandError(
        'CannotCreateIndex',
        `"${readString(field)}" indexes are not supported by the embedded database`,
      );
    }
    if (field.name.includes('$')) {
      throw new CommandError(
        'CannotCreateIndex',
        `index key ${field.name} is not supported: wildcard and $ names`,
      );
    }
    if (direction === undefined || direction === 0 || Number.isNaN(direction) || field.name === '') {
      throw new CommandError(
        'CannotCreateIndex',
        `Values in v:2 index key pattern must be a number other than 0: ${field.name}`,
      );
    }
    return { path: parsePath(field.name), direction: direction > 0 ? 1 : -1 } as const;
  });
  if (parts.length === 0) throw new CommandError('CannotCreateIndex', 'Index keys cannot be an empty object');
  return parts;
}

function refuseUnknown(field: RawField): void {
  const known = ['key', 'name', 'unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds'];
  if (known.includes(field.name) || IGNORED.has(field.name)) return;
  if (field.name === 'hidden' && !isOn(field)) return;
  if (field.name === 'collation' && isSimpleCollation(field)) return;
  throw new CommandError(
    'CannotCreateIndex',
    `index option ${field.name} is not supported by the embedded database`,
  );
}

function isSimpleCollation(field: RawValue): boolean {
  if (field.type !== BSON_TYPE.object) return false;
  const locale = readFields(field.bytes, field.start).find(({ name }) => name === 'locale');
  return locale?.type === BSON_TYPE.string && readString(locale) === 'simple';
}

/** Only conditions that `plan.ts` can prove from a query; the others would make an index that is never used. */
function parsePartial(value: RawValue): Filter {
  if (value.type !== BSON_TYPE.object)
    throw new CommandError('CannotCreateIndex', 'partialFilterExpression must be an object');
  const filter = parseFilter(value);
  if (isProvable(filter)) return filter;
  throw new CommandError(
    'CannotCreateIndex',
    'Expression not supported in partial index: only equality, $exists: true, $gt, $gte, $lt, $lte, $type and $and',
  );
}

function isProvable(filter: Filter): boolean {
  if (filter.kind === 'and') return filter.filters.every(isProvable);
  return (
    filter.kind === 'field' &&
    ['eq', 'gt', 'gte', 'lt', 'lte', 'exists', 'type'].includes(filter.predicate.op)
  );
}

function parseExpiry(field: RawValue | undefined, parts: readonly IndexPart[]): number | undefined {
  if (!field) return undefined;
  const seconds = toInteger(field);
  if (seconds === undefined || seconds < 0 || seconds > 2147483647) {
    throw new CommandError(
      'CannotCreateIndex',
      'TTL index expireAfterSeconds must be a whole number from 0 to 2147483647',
    );
  }
  if (parts.length > 1)
    throw new CommandError(
      'CannotCreateIndex',
      'TTL indexes are single-field indexes, compound indexes do not support TTL',
    );
  if (parts[0]?.path.text === '_id')
    throw new CommandError('CannotCreateIndex', 'The field expireAfterSeconds is not valid for an _id index');
  return seconds;
}

function isOn(field: RawValue | undefined): boolean {
  if (!field) return false;
  if (field.type === BSON_TYPE.bool) return field.bytes[field.start] === 1;
  return (toNumber(field) ?? 0) !== 0;
}
