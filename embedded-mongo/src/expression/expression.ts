/**
 * Aggregation expressions (https://www.mongodb.com/docs/manual/reference/operator/aggregation/): field paths, literals,
 * documents and arrays of them on the raw bytes; operators on the decoded document, by `operators.ts`.
 */
import { deserialize } from 'bson';
import { eachElement, elementsOf, type PathPart, parsePath } from '../bson/path.ts';
import { BSON_TYPE, findField, MISSING, type RawValue, readFields, readString } from '../bson/raw.ts';
import { buildDocument, documentValue, toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { evaluate, isExpressionOperator } from './operators.ts';

/** A parsed expression: gives its value for a document, or "missing". */
export type Expression = (document: Buffer) => RawValue;

/**
 * Parses an expression.
 *
 * @throws {CommandError} UnknownExpression for operators outside the table, NotImplemented for variables other than $$ROOT.
 */
export function parseExpression(value: RawValue): Expression {
  if (value.type === BSON_TYPE.string) return parseText(value);
  if (value.type === BSON_TYPE.array) {
    const parts = elementsOf(value).map(parseExpression);
    return (document) => arrayOf(parts.map((part) => nullIfMissing(part(document))));
  }
  if (value.type !== BSON_TYPE.object) return () => value;
  const fields = readFields(value.bytes, value.start);
  if (fields[0]?.name.startsWith('$')) return parseOperator(value);
  const parts = fields.map((field) => [field.name, parseExpression(field)] as const);
  return (document) => {
    const values = parts.map(([name, part]) => [name, part(document)] as const);
    return documentValue(buildDocument(values.filter(([, part]) => part.type !== BSON_TYPE.missing)));
  };
}

function parseText(value: RawValue): Expression {
  const text = readString(value);
  if (!text.startsWith('$')) return () => value;
  const path = text.replace(/^\$\$(ROOT|CURRENT)(\.|$)/, '$');
  if (path === '$') return documentValue;
  if (path.startsWith('$$'))
    throw new CommandError('NotImplemented', `the variable ${text} is not supported here`);
  const { parts } = parsePath(path.slice(1));
  return (document) => valueAt(documentValue(document), parts, 0);
}

/** Follows a path; through an array it gives the array of what its elements have there. */
function valueAt(value: RawValue, parts: readonly PathPart[], from: number): RawValue {
  const part = parts[from];
  if (!part) return value;
  if (value.type === BSON_TYPE.object) {
    const next = findField(value.bytes, value.start, part.bytes);
    return next ? valueAt(next, parts, from + 1) : MISSING;
  }
  if (value.type !== BSON_TYPE.array) return MISSING;
  const found: RawValue[] = [];
  eachElement(value, (element) => {
    const inner = valueAt(element, parts, from);
    if (inner.type !== BSON_TYPE.missing) found.push(inner);
    return false;
  });
  return arrayOf(found);
}

function parseOperator(value: RawValue): Expression {
  refuseUnknown(value);
  const [operator] = readFields(value.bytes, value.start);
  if (operator?.name === '$literal') return () => operator;
  const expression = deserialize(value.bytes.subarray(value.start, value.end));
  return (document) => {
    const result = evaluate(decodeForOperators(document), expression);
    return result === undefined ? MISSING : toRawValue(result);
  };
}

function refuseUnknown(value: RawValue): void {
  if (value.type !== BSON_TYPE.object && value.type !== BSON_TYPE.array) return;
  for (const field of readFields(value.bytes, value.start)) {
    if (field.name === '$literal') continue;
    if (value.type === BSON_TYPE.object && field.name.startsWith('$') && !isExpressionOperator(field.name)) {
      throw new CommandError('UnknownExpression', `Unrecognized expression '${field.name}'`);
    }
    refuseUnknown(field);
  }
}

/**
 * Decodes a document for operators that calculate with JavaScript numbers.
 *
 * @throws {CommandError} NotImplemented when it holds a number they would round.
 */
function decodeForOperators(document: Buffer): unknown {
  refuseInexact(documentValue(document));
  return deserialize(document, { promoteBuffers: false });
}

function refuseInexact(value: RawValue): void {
  if (value.type === BSON_TYPE.object || value.type === BSON_TYPE.array) {
    for (const field of readFields(value.bytes, value.start)) refuseInexact(field);
    return;
  }
  const isLargeLong =
    value.type === BSON_TYPE.long && !Number.isSafeInteger(Number(value.bytes.readBigInt64LE(value.start)));
  if (!isLargeLong && value.type !== BSON_TYPE.decimal) return;
  throw new CommandError(
    'NotImplemented',
    'expression operators on documents with decimals, or longs beyond 2^53, are not supported by the embedded database',
  );
}

const NULL = toRawValue(null);

/** Null in the place of a missing value. */
export function nullIfMissing(value: RawValue): RawValue {
  return value.type === BSON_TYPE.missing ? NULL : value;
}

/** An array of values. */
export function arrayOf(values: readonly RawValue[]): RawValue {
  const bytes = buildDocument(values.map((value, index) => [String(index), value] as const));
  return { type: BSON_TYPE.array, bytes, start: 0, end: bytes.length };
}
