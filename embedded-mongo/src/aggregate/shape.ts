/** The stages that change the shape of each document: $project, $addFields/$set, $unset, $replaceRoot, $unwind. */
import { Long } from 'bson';
import { elementsOf } from '../bson/path.ts';
import { BSON_TYPE, type RawField, type RawValue, readFields, readString } from '../bson/raw.ts';
import { toNumber } from '../bson/to-number.ts';
import { buildDocument, documentValue, toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { type Expression, parseExpression } from '../expression/expression.ts';
import { parseProjection, project } from '../query/projection.ts';
import { MutableValue } from '../update/mutable.ts';
import { findTarget, setTarget, unsetTarget } from '../update/target.ts';
import type { Stage } from './stage.ts';

type Computed = readonly [path: readonly string[], expression: Expression];

/** Parses `$project`: fields kept or left out, and computed ones. */
export function projectStage(argument: RawValue): Stage {
  const fields = fieldsOf(argument, '$project');
  const computed = fields.filter(isComputed).map(toComputed);
  const plain = buildDocument(
    fields.filter((field) => !isComputed(field)).map((field) => [field.name, field] as const),
  );
  const projection = parseProjection(documentValue(plain));
  if (computed.length === 0) {
    return function* keep(documents) {
      for (const document of documents) yield projection ? project(projection, document) : document;
    };
  }
  const isExclusion = projection && !projection.isInclusion && projection.tree.size > 0;
  if (isExclusion) throw new CommandError('BadValue', 'Bad projection: computed fields in an exclusion');
  const inclusion = {
    isInclusion: true,
    keepsId: projection?.keepsId ?? true,
    tree: projection?.tree ?? new Map(),
  };
  return function* compute(documents) {
    for (const document of documents) yield withComputed(project(inclusion, document), document, computed);
  };
}

function isComputed(field: RawField): boolean {
  return field.type !== BSON_TYPE.bool && toNumber(field) === undefined;
}

/** Parses `$addFields` and `$set`. */
export function addFieldsStage(argument: RawValue): Stage {
  const computed = fieldsOf(argument, '$addFields').map(toComputed);
  return function* addFields(documents) {
    for (const document of documents) yield withComputed(document, document, computed);
  };
}

function toComputed(field: RawField): Computed {
  return [field.name.split('.'), parseExpression(field)];
}

function withComputed(base: Buffer, document: Buffer, computed: readonly Computed[]): Buffer {
  const root = new MutableValue(documentValue(base));
  for (const [path, expression] of computed) {
    const value = expression(document);
    if (value.type === BSON_TYPE.missing) unsetTarget(root, path);
    else setTarget(root, path, value);
  }
  const { bytes, start, end } = root.toRaw();
  return bytes.subarray(start, end) as Buffer;
}

/** Parses `$unset`: a name or a list of names. */
export function unsetStage(argument: RawValue): Stage {
  const names = argument.type === BSON_TYPE.array ? elementsOf(argument) : [argument];
  if (names.length === 0 || names.some(({ type }) => type !== BSON_TYPE.string)) {
    throw new CommandError('BadValue', '$unset specification must be a string or an array of strings');
  }
  return projectStage(
    documentValue(buildDocument(names.map((name) => [readString(name), toRawValue(0)] as const))),
  );
}

/** Parses `$replaceRoot` and `$replaceWith`, whose argument is the new root. */
export function replaceRootStage(argument: RawValue): Stage {
  const expression = parseExpression(argument);
  return function* replaceRoot(documents) {
    for (const document of documents) {
      const { type, bytes, start, end } = expression(document);
      if (type !== BSON_TYPE.object) {
        throw new CommandError('BadValue', "'newRoot' expression must evaluate to an object");
      }
      yield bytes.subarray(start, end) as Buffer;
    }
  };
}

/** Parses `$unwind`: one document per element of an array. */
export function unwindStage(argument: RawValue): Stage {
  const options = new Map(
    argument.type === BSON_TYPE.object
      ? readFields(argument.bytes, argument.start).map((field) => [field.name, field])
      : [],
  );
  const pathValue = argument.type === BSON_TYPE.string ? argument : options.get('path');
  const text = pathValue?.type === BSON_TYPE.string ? readString(pathValue) : '';
  if (!/^\$[^$]/.test(text))
    throw new CommandError('BadValue', "path option to $unwind must be a string prefixed with a '$'");
  const path = text.slice(1).split('.');
  const indexField = options.get('includeArrayIndex');
  const indexPath = indexField?.type === BSON_TYPE.string ? readString(indexField).split('.') : undefined;
  const preserve = options.get('preserveNullAndEmptyArrays');
  const keepsEmpty = preserve?.type === BSON_TYPE.bool && preserve.bytes[preserve.start] === 1;
  return function* unwind(documents) {
    for (const document of documents) yield* unwindOne(document, path, indexPath, keepsEmpty);
  };
}

function* unwindOne(
  document: Buffer,
  path: readonly string[],
  indexPath: readonly string[] | undefined,
  keepsEmpty: boolean,
): Generator<Buffer> {
  const value = findTarget(new MutableValue(documentValue(document)), path);
  const isArray = value?.type === BSON_TYPE.array;
  const elements: (RawValue | undefined)[] = isArray ? elementsOf(value.toRaw()) : [];
  const isNothing = !value || value.type === BSON_TYPE.null || (isArray && elements.length === 0);
  if (isNothing && !keepsEmpty) return;
  const variants = isArray && elements.length > 0 ? elements : [undefined];
  for (const [index, element] of variants.entries()) {
    const root = new MutableValue(documentValue(document));
    if (element) setTarget(root, path, element);
    else if (isArray) unsetTarget(root, path);
    if (indexPath) setTarget(root, indexPath, toRawValue(element ? Long.fromNumber(index) : null));
    const { bytes, start, end } = root.toRaw();
    yield bytes.subarray(start, end) as Buffer;
  }
}

function fieldsOf(argument: RawValue, stage: string): RawField[] {
  const fields = argument.type === BSON_TYPE.object ? readFields(argument.bytes, argument.start) : [];
  if (fields.length === 0)
    throw new CommandError('BadValue', `${stage} specification must be an object with at least one field`);
  return fields;
}
