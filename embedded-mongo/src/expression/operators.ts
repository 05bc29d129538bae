/**
 * The only importer of mingo: the expression operators with MongoDB's results. Comparisons are implemented here, since
 * mingo treats missing as null and never compares across types.
 */

import { Context, evalExpr } from 'mingo/core';
import * as expressions from 'mingo/operators/expression';
import * as arithmetic from 'mingo/operators/expression/arithmetic';
import * as array from 'mingo/operators/expression/array';
import * as conditional from 'mingo/operators/expression/conditional';
import * as date from 'mingo/operators/expression/date';
import * as objects from 'mingo/operators/expression/object';
import * as strings from 'mingo/operators/expression/string';
import type { Any, Options } from 'mingo/types';
import { orderKey } from '../bson/order-key.ts';
import { toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';

type Operator = (object: never, argument: never, options: never) => unknown;

const { $abs, $add, $ceil, $divide, $floor, $mod, $multiply, $pow, $round, $sqrt, $subtract, $trunc } =
  arithmetic;
const {
  $arrayElemAt,
  $concatArrays,
  $filter,
  $first,
  $isArray,
  $last,
  $map,
  $range,
  $reduce,
  $reverseArray,
  $size,
  $slice,
} = array;
const { $concat, $split, $strLenCP, $substrCP, $toLower, $toUpper, $trim } = strings;
const { $dateToString, $dayOfMonth, $dayOfWeek, $hour, $millisecond, $minute, $month, $second, $year } = date;

/** Compares by MongoDB's order; a missing value is below null. */
function comparing(test: (order: number) => boolean): Operator {
  return (object, argument, options) => {
    const pair = evalExpr(object, argument, options) as unknown[];
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new CommandError('BadValue', 'a comparison takes exactly 2 arguments');
    }
    return test(Buffer.compare(keyOf(pair[0]), keyOf(pair[1])));
  };
}

const MISSING_KEY = Buffer.from([0x08]);

function keyOf(value: unknown): Buffer {
  return value === undefined ? MISSING_KEY : orderKey(toRawValue(value));
}

/** The limit of operators that one expression evaluates for one document. */
export const MAX_OPERATIONS = 1_000_000;
/** The limit of elements in an array that an operator makes. */
export const MAX_ELEMENTS = 1_000_000;
/** The limit of characters in a string that an operator makes. */
export const MAX_CHARACTERS = 16 * 1024 * 1024;

let operations = 0;

/** Bounds an operator: `$reduce` within `$reduce` can run for more than a day, and double a string forty times. */
function bounded(operator: Operator): Operator {
  return (object, argument, options) => {
    if (++operations > MAX_OPERATIONS) throw tooMuch(`${MAX_OPERATIONS} operations`);
    const result = operator(object, argument, options);
    if (typeof result === 'string' && result.length > MAX_CHARACTERS)
      throw tooMuch(`${MAX_CHARACTERS} characters`);
    if (Array.isArray(result) && result.length > MAX_ELEMENTS) throw tooMuch(`${MAX_ELEMENTS} elements`);
    return result;
  };
}

function tooMuch(limit: string): CommandError {
  return new CommandError('OperationFailed', `an expression is limited to ${limit} for one document`);
}

/** `$range`, whose size is known before it is made. */
const boundedRange: Operator = (object, argument, options) => {
  const [start, end, step = 1] = evalExpr(object, argument, options) as number[];
  if (Math.abs(((end as number) - (start as number)) / step) > MAX_ELEMENTS)
    throw tooMuch(`${MAX_ELEMENTS} elements`);
  return ($range as unknown as Operator)(object, argument, options);
};

/** Whether a value counts as true in an expression: everything but false, null, 0 and a missing value. */
function isTruthy(value: unknown): boolean {
  return value !== false && value !== null && value !== undefined && value !== 0;
}

const all = (object: never, argument: never, options: never) =>
  evalExpr(object, argument, options) as unknown[];

const OWN: Record<string, Operator> = {
  $eq: comparing((order) => order === 0),
  $ne: comparing((order) => order !== 0),
  $gt: comparing((order) => order > 0),
  $gte: comparing((order) => order >= 0),
  $lt: comparing((order) => order < 0),
  $lte: comparing((order) => order <= 0),
  $and: (object, argument, options) => all(object, argument, options).every(isTruthy),
  $or: (object, argument, options) => all(object, argument, options).some(isTruthy),
  $not: (object, argument, options) => !isTruthy(all(object, argument, options)[0]),
  $in: (object, argument, options) => {
    const [value, list] = all(object, argument, options);
    if (!Array.isArray(list))
      throw new CommandError('BadValue', '$in requires an array as a second argument');
    const key = keyOf(value);
    return list.some((element) => keyOf(element).equals(key));
  },
};

const FROM_MINGO: Record<string, unknown> = {
  ...{ $abs, $add, $ceil, $divide, $floor, $mod, $multiply, $pow, $round, $sqrt, $subtract, $trunc },
  ...{
    $arrayElemAt,
    $concatArrays,
    $filter,
    $first,
    $isArray,
    $last,
    $map,
    $range: boundedRange,
    $reduce,
    $reverseArray,
    $size,
    $slice,
  },
  ...{ $concat, $split, $strLenCP, $substrCP, $toLower, $toUpper, $trim },
  ...{ $dateToString, $dayOfMonth, $dayOfWeek, $hour, $millisecond, $minute, $month, $second, $year },
  ...{ $cond: conditional.$cond, $ifNull: conditional.$ifNull, $switch: conditional.$switch },
  ...{
    $mergeObjects: objects.$mergeObjects,
    $objectToArray: objects.$objectToArray,
    $literal: expressions.$literal,
  },
};

const operators = Object.entries({ ...FROM_MINGO, ...OWN }).map(
  ([name, operator]) => [name, bounded(operator as Operator)] as const,
);
const context = Context.init({ expression: Object.fromEntries(operators) as never });

/** The supported expression operators. */
export const EXPRESSION_OPERATORS: readonly string[] = operators.map(([name]) => name).sort();

const known = new Set(EXPRESSION_OPERATORS);

/** Tells whether an expression operator is among the supported ones. */
export function isExpressionOperator(name: string): boolean {
  return known.has(name);
}

/**
 * Evaluates an operator expression on a decoded document.
 *
 * @throws {CommandError} OperationFailed when the operator refuses its arguments.
 */
export function evaluate(document: unknown, expression: unknown): unknown {
  operations = 0;
  try {
    return evalExpr(
      document as Any,
      expression as Any,
      { context, idKey: '_id', useStrictMode: true } as unknown as Options,
    );
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError('OperationFailed', cause instanceof Error ? cause.message : String(cause));
  }
}
