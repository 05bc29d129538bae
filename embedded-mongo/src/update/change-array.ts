/**
 * The operators on arrays: $push (with $each, $position, $sort, $slice), $addToSet, $pull, $pullAll, $pop
 * (https://www.mongodb.com/docs/manual/reference/operator/update-array/).
 */
import { compareValues, orderKey } from '../bson/order-key.ts';
import { elementsOf } from '../bson/path.ts';
import { BSON_TYPE, type RawField, type RawValue, readFields } from '../bson/raw.ts';
import { toInteger } from '../bson/to-number.ts';
import { buildDocument, documentValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import { matches } from '../query/match.ts';
import { parseFilter } from '../query/parse-filter.ts';
import { compareBySort, parseSort } from '../query/sort.ts';
import { emptyValue, MutableValue } from './mutable.ts';
import { findTarget, setTarget } from './target.ts';

type Operator = '$push' | '$addToSet' | '$pull' | '$pullAll' | '$pop';

/**
 * Applies one array operator at a path.
 *
 * @throws {CommandError} BadValue or TypeMismatch when the field is no array or the argument is wrong.
 */
export function applyArrayChange(
  root: MutableValue,
  operator: Operator,
  path: readonly string[],
  argument: RawValue,
): void {
  const target = findTarget(root, path);
  const isMissing = !target;
  if (target && target.type !== BSON_TYPE.array) {
    const name = path.join('.');
    if (operator === '$pop')
      throw new CommandError('TypeMismatch', `Path '${name}' contains an element of non-array type`);
    throw new CommandError(
      'BadValue',
      `The field '${name}' must be an array but is of another type in the document (${operator})`,
    );
  }
  const before = target ? target.elements.map((element) => element.toRaw()) : [];
  if (isMissing && operator !== '$push' && operator !== '$addToSet') {
    change(operator, before, argument);
    return;
  }
  const after = change(operator, before, argument);
  const array = emptyValue(BSON_TYPE.array);
  array.elements.push(...after.map((element) => new MutableValue(element)));
  setTarget(root, path, array.toRaw());
}

function change(operator: Operator, before: RawValue[], argument: RawValue): RawValue[] {
  switch (operator) {
    case '$push':
      return push(before, argument);
    case '$addToSet':
      return addToSet(before, argument);
    case '$pull':
      return pull(before, argument);
    case '$pullAll': {
      if (argument.type !== BSON_TYPE.array)
        throw new CommandError('BadValue', '$pullAll requires an array argument');
      const unwanted = elementsOf(argument);
      return before.filter((element) => !unwanted.some((other) => equals(element, other)));
    }
    case '$pop': {
      const end = toInteger(argument);
      if (end !== 1 && end !== -1) throw new CommandError('FailedToParse', '$pop expects 1 or -1');
      return end === 1 ? before.slice(0, -1) : before.slice(1);
    }
  }
}

function push(before: RawValue[], argument: RawValue): RawValue[] {
  const modifiers = modifiersOf(argument);
  if (!modifiers) return [...before, argument];
  const added = eachOf(modifiers, '$push');
  const position = integerOf(modifiers, '$position');
  const limit = integerOf(modifiers, '$slice');
  const unknown = modifiers.find(({ name }) => !['$each', '$position', '$slice', '$sort'].includes(name));
  if (unknown) throw new CommandError('BadValue', `Unrecognized clause in $push: ${unknown.name}`);
  let after = position === undefined ? [...before, ...added] : before.toSpliced(position, 0, ...added);
  const sort = modifiers.find(({ name }) => name === '$sort');
  if (sort) after = sortElements(after, sort);
  if (limit !== undefined) after = limit === 0 ? [] : limit > 0 ? after.slice(0, limit) : after.slice(limit);
  return after;
}

function addToSet(before: RawValue[], argument: RawValue): RawValue[] {
  const modifiers = modifiersOf(argument);
  if (modifiers && modifiers.length > 1) {
    throw new CommandError(
      'BadValue',
      `Found unexpected fields after $each in $addToSet: ${modifiers[1]?.name}`,
    );
  }
  const after = [...before];
  for (const element of modifiers ? eachOf(modifiers, '$addToSet') : [argument]) {
    if (!after.some((other) => equals(element, other))) after.push(element);
  }
  return after;
}

function pull(before: RawValue[], argument: RawValue): RawValue[] {
  if (argument.type === BSON_TYPE.object) {
    const isCondition = readFields(argument.bytes, argument.start)[0]?.name.startsWith('$');
    if (!isCondition) {
      const filter = parseFilter(argument);
      return before.filter(
        (element) => element.type !== BSON_TYPE.object || !matches(filter, element.bytes, element.start),
      );
    }
  } else if (argument.type !== BSON_TYPE.regex) return before.filter((element) => !equals(element, argument));
  const filter = parseFilter(documentValue(buildDocument([['element', argument]])));
  return before.filter((element) => !matches(filter, buildDocument([['element', element]]), 0));
}

function sortElements(elements: RawValue[], sort: RawField): RawValue[] {
  if (sort.type === BSON_TYPE.object) {
    const order = parseSort(sort);
    return elements
      .map((element) => ({
        element,
        document: element.type === BSON_TYPE.object ? toBytes(element) : buildDocument([]),
      }))
      .sort((left, right) => compareBySort(order, left.document, right.document))
      .map(({ element }) => element);
  }
  const direction = toInteger(sort);
  if (direction !== 1 && direction !== -1)
    throw new CommandError('BadValue', 'The $sort element value must be either 1 or -1');
  return elements.sort((left, right) => compareValues(left, right) * direction);
}

function toBytes(value: RawValue): Buffer {
  return value.bytes.subarray(value.start, value.end) as Buffer;
}

/** The modifiers of `{$each: [...], ...}`; undefined when the argument is a plain value. */
function modifiersOf(argument: RawValue): RawField[] | undefined {
  if (argument.type !== BSON_TYPE.object) return undefined;
  const fields = readFields(argument.bytes, argument.start);
  return fields.some((field) => field.name === '$each') ? fields : undefined;
}

function eachOf(modifiers: readonly RawField[], operator: string): RawValue[] {
  const each = modifiers.find(({ name }) => name === '$each');
  if (each?.type === BSON_TYPE.array) return elementsOf(each);
  throw new CommandError('TypeMismatch', `The argument to $each in ${operator} must be an array`);
}

function integerOf(modifiers: readonly RawField[], name: string): number | undefined {
  const modifier = modifiers.find((field) => field.name === name);
  if (!modifier) return undefined;
  const integer = toInteger(modifier);
  if (integer === undefined)
    throw new CommandError('BadValue', `The value for ${name} must be an integer value`);
  return integer;
}

function equals(left: RawValue, right: RawValue): boolean {
  return orderKey(left).equals(orderKey(right));
}
