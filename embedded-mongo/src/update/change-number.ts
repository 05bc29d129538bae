/**
 * `$inc` and `$mul` with MongoDB's rules for types: int grows into long, long stays exact and refuses to overflow,
 * a double makes the result a double, a decimal makes it a decimal
 * (https://www.mongodb.com/docs/manual/reference/operator/update/inc/).
 */
import { Decimal128, Double, Int32, Long } from 'bson';
import { type Decimal, decimalOf } from '../bson/decimal.ts';
import { BSON_TYPE, isNumber, type RawValue } from '../bson/raw.ts';
import { toNumber } from '../bson/to-number.ts';
import { toRawValue } from '../bson/write.ts';
import { CommandError } from '../core/errors.ts';
import type { MutableValue } from './mutable.ts';
import { findTarget, setTarget } from './target.ts';

type Operator = '$inc' | '$mul';

/**
 * Applies `$inc` or `$mul` at a path.
 *
 * @throws {CommandError} TypeMismatch when the argument or the field is no number, BadValue on overflow of a long.
 */
export function applyNumberChange(
  root: MutableValue,
  operator: Operator,
  path: readonly string[],
  argument: RawValue,
): void {
  const verb = operator === '$inc' ? 'increment' : 'multiply';
  const text = path.join('.');
  if (!isNumber(argument))
    throw new CommandError('TypeMismatch', `Cannot ${verb} with non-numeric argument: {${text}: ...}`);
  const target = findTarget(root, path);
  if (!target) {
    setTarget(root, path, operator === '$inc' ? argument : zeroLike(argument));
    return;
  }
  const current = target.toRaw();
  if (!isNumber(current)) {
    throw new CommandError(
      'TypeMismatch',
      `Cannot apply ${operator} to a value of non-numeric type. The field '${text}' is not a number`,
    );
  }
  setTarget(root, path, calculate(operator, current, argument));
}

function zeroLike(value: RawValue): RawValue {
  return calculate('$mul', toRawValue(new Int32(0)), value);
}

/** Adds or multiplies two numbers by these rules. */
export function calculate(operator: Operator, left: RawValue, right: RawValue): RawValue {
  const isOf = (type: number) => left.type === type || right.type === type;
  if (isOf(BSON_TYPE.decimal)) return toRawValue(calculateDecimal(operator, left, right));
  if (isOf(BSON_TYPE.double)) {
    const [a, b] = [toNumber(left) as number, toNumber(right) as number];
    return toRawValue(new Double(operator === '$inc' ? a + b : a * b));
  }
  const [a, b] = [wholeOf(left), wholeOf(right)];
  const result = operator === '$inc' ? a + b : a * b;
  if (BigInt.asIntN(32, result) === result && !isOf(BSON_TYPE.long))
    return toRawValue(new Int32(Number(result)));
  if (BigInt.asIntN(64, result) === result) return toRawValue(Long.fromBigInt(result));
  throw new CommandError(
    'BadValue',
    `Failed to apply ${operator} operations to current value: the result overflows a long`,
  );
}

function wholeOf(value: RawValue): bigint {
  return value.type === BSON_TYPE.long
    ? value.bytes.readBigInt64LE(value.start)
    : BigInt(value.bytes.readInt32LE(value.start));
}

function calculateDecimal(operator: Operator, left: RawValue, right: RawValue): Decimal128 {
  const [a, b] = [exactly(operator, left), exactly(operator, right)];
  const exponent = operator === '$inc' ? Math.min(a.exponent, b.exponent) : a.exponent + b.exponent;
  const scaled = (value: Decimal) => value.coefficient * 10n ** BigInt(value.exponent - exponent);
  const coefficient = operator === '$inc' ? scaled(a) + scaled(b) : a.coefficient * b.coefficient;
  if (String(coefficient).replace('-', '').length > 34) {
    throw new CommandError(
      'NotImplemented',
      `${operator} with a decimal result of more than 34 digits is not supported`,
    );
  }
  return Decimal128.fromString(`${coefficient}E${exponent}`);
}

function exactly(operator: Operator, value: RawValue): Decimal {
  if (value.type === BSON_TYPE.decimal) {
    const decimal = decimalOf(value);
    if (typeof decimal !== 'number') return decimal;
    if (decimal === 0) return { coefficient: 0n, exponent: 0 };
  } else if (value.type !== BSON_TYPE.double) return { coefficient: wholeOf(value), exponent: 0 };
  throw new CommandError(
    'NotImplemented',
    `${operator} of a decimal with a double, NaN or an infinity is not supported`,
  );
}
