/** A command for its handler: typed getters that refuse wrong types with MongoDB's codes. */
import { deserialize } from 'bson';
import { elementsOf } from '../bson/path.ts';
import { BSON_TYPE, type RawField, type RawValue, readFields, readString } from '../bson/raw.ts';
import { toNumber } from '../bson/to-number.ts';
import { CommandError } from '../core/errors.ts';

/** A parsed command. */
export class Request {
  readonly name: string;
  readonly body: Buffer;
  readonly fields: ReadonlyMap<string, RawField>;
  private readonly sequences: ReadonlyMap<string, readonly Buffer[]>;

  constructor(body: Buffer, sequences: ReadonlyMap<string, readonly Buffer[]>) {
    const fields = new Map<string, RawField>();
    let name = '';
    for (const field of readFields(body, 0)) {
      if (fields.size === 0) name = field.name;
      fields.set(field.name, field);
    }
    this.name = name;
    this.body = body;
    this.fields = fields;
    this.sequences = sequences;
  }

  /** The database the command is for. */
  get database(): string {
    const field = this.fields.get('$db');
    if (field?.type !== BSON_TYPE.string)
      throw new CommandError('MissingField', 'OP_MSG requests require a $db argument');
    return checkDatabase(readString(field));
  }

  /** The collection the command names: "database.collection". */
  get namespace(): string {
    const target = this.fields.get(this.name);
    if (target?.type !== BSON_TYPE.string) {
      throw new CommandError('InvalidNamespace', `collection name has invalid type in ${this.name}`);
    }
    return joinNamespace(this.database, readString(target));
  }

  /** A field that has to be a document, as bytes; undefined when it is absent. */
  document(name: string): RawValue | undefined {
    const field = this.fields.get(name);
    if (!field || field.type === BSON_TYPE.null) return undefined;
    if (field.type === BSON_TYPE.object) return field;
    throw new CommandError('TypeMismatch', `Field '${name}' should be a document`);
  }

  /** A field that has to be a string. */
  string(name: string): string | undefined {
    const field = this.fields.get(name);
    if (!field) return undefined;
    if (field.type === BSON_TYPE.string) return readString(field);
    throw new CommandError('TypeMismatch', `Field '${name}' should be a string`);
  }

  /** A whole number that is not negative. */
  count(name: string): number | undefined {
    const field = this.fields.get(name);
    if (!field || field.type === BSON_TYPE.null) return undefined;
    const number = toNumber(field);
    if (number === undefined) throw new CommandError('TypeMismatch', `Field '${name}' should be a number`);
    if (!Number.isInteger(number) || number < 0) {
      throw new CommandError(
        'BadValue',
        `Field '${name}' must be a whole number, not negative, but is ${number}`,
      );
    }
    return number;
  }

  /** A boolean; numbers count as one, as in MongoDB. */
  flag(name: string, byDefault = false): boolean {
    const field = this.fields.get(name);
    return field ? isTrue(field) : byDefault;
  }

  /** A list of documents, from the body or from a section of its own. */
  documents(name: string): readonly Buffer[] {
    const sequence = this.sequences.get(name);
    if (sequence) return sequence;
    const field = this.fields.get(name);
    if (field?.type !== BSON_TYPE.array) {
      throw new CommandError(
        'MissingField',
        `BSON field '${this.name}.${name}' is missing but a required field`,
      );
    }
    return elementsOf(field).map((element) => {
      if (element.type !== BSON_TYPE.object)
        throw new CommandError('TypeMismatch', `'${name}' must hold documents`);
      return element.bytes.subarray(element.start, element.end) as Buffer;
    });
  }

  /** The whole command as JavaScript values, for commands that are rare. */
  decode(): Record<string, unknown> {
    return deserialize(this.body);
  }

  /** Refuses fields that are not supported, unless they are absent or off. */
  refuse(...names: string[]): void {
    for (const name of names) {
      const field = this.fields.get(name);
      if (!field || isOff(field)) continue;
      throw new CommandError(
        'NotImplemented',
        `the option '${name}' of ${this.name} is not supported by the embedded database`,
      );
    }
  }
}

/** Tells whether a value counts as true. */
export function isTrue(field: RawValue): boolean {
  if (field.type === BSON_TYPE.bool) return field.bytes[field.start] === 1;
  return (toNumber(field) ?? 0) !== 0;
}

function isOff(field: RawField): boolean {
  if (field.type === BSON_TYPE.null) return true;
  if (field.name === 'collation' && field.type === BSON_TYPE.object) {
    const parts = readFields(field.bytes, field.start);
    return (
      parts.length === 0 ||
      parts.every((part) => part.type === BSON_TYPE.string && readString(part) === 'simple')
    );
  }
  if (field.type === BSON_TYPE.object || field.type === BSON_TYPE.array) return field.end - field.start === 5;
  return (field.type === BSON_TYPE.bool || toNumber(field) !== undefined) && !isTrue(field);
}

function checkDatabase(name: string): string {
  if (name.length > 0 && name.length < 64 && !/[/\\. "$\0]/.test(name)) return name;
  throw new CommandError('InvalidNamespace', `Invalid database name: '${name}'`);
}

/**
 * Joins and checks a namespace.
 *
 * @throws {CommandError} InvalidNamespace for names MongoDB does not allow.
 */
export function joinNamespace(database: string, collection: string): string {
  const isBad =
    collection === '' ||
    collection.startsWith('.') ||
    collection.endsWith('.') ||
    collection.includes('\0') ||
    collection.includes('$') ||
    collection.startsWith('system.');
  if (isBad)
    throw new CommandError('InvalidNamespace', `Invalid namespace specified '${database}.${collection}'`);
  const namespace = `${database}.${collection}`;
  if (Buffer.byteLength(namespace) <= 255) return namespace;
  throw new CommandError(
    'InvalidNamespace',
    `Fully qualified namespace is too long, at most 255 bytes: ${namespace.slice(0, 60)}…`,
  );
}
