/**
 * Order-preserving keys for MongoDB's four numeric types, compared by value as MongoDB does: int 5, long 5, double 5.0
 * and decimal 5 are one key (https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/#numeric-types).
 * A key is the largest double not above the value (8 bytes), then 0 when that is exact, else 1 and the decimal digits,
 * which order values that share a double, such as longs above 2^53.
 */

import { type Decimal, decimalOf } from './decimal.ts';
import type { KeyWriter } from './key-writer.ts';
import { type RawValue, readInt32 } from './raw.ts';

const scratch = Buffer.alloc(8);

/** Appends the key of a number. */
export function writeNumberKey(out: KeyWriter, value: RawValue): void {
  if (value.type === 16) writeExact(out, readInt32(value.bytes, value.start));
  else if (value.type === 1) writeExact(out, value.bytes.readDoubleLE(value.start));
  else if (value.type === 18) writeLong(out, value.bytes.readBigInt64LE(value.start));
  else {
    const decimal = decimalOf(value);
    if (typeof decimal === 'number') writeExact(out, decimal);
    else writeDecimal(out, decimal);
  }
}

function writeExact(out: KeyWriter, number: number): void {
  writeDouble(out, number);
  out.byte(0);
}

function writeLong(out: KeyWriter, long: bigint): void {
  const near = Number(long);
  if (BigInt(near) === long) writeExact(out, near);
  else writeInexact(out, BigInt(near) > long ? doubleBelow(near) : near, { coefficient: long, exponent: 0 });
}

function writeDecimal(out: KeyWriter, decimal: Decimal): void {
  const near = Number(`${decimal.coefficient}e${decimal.exponent}`);
  const order = Number.isFinite(near) ? compareToDouble(decimal, near) : near > 0 ? -1 : 1;
  if (order === 0) writeExact(out, near);
  else writeInexact(out, order < 0 ? doubleBelow(near) : near, decimal);
}

function writeInexact(out: KeyWriter, floor: number, decimal: Decimal): void {
  writeDouble(out, floor);
  out.byte(1);
  const negative = decimal.coefficient < 0n;
  const digits = String(negative ? -decimal.coefficient : decimal.coefficient).replace(/0+$/, '');
  const whole = String(negative ? -decimal.coefficient : decimal.coefficient).length;
  const start = out.length;
  out.reserve(4 + digits.length);
  const magnitude = whole + decimal.exponent + 20_000;
  out.byte(magnitude >> 8);
  out.byte(magnitude & 0xff);
  for (let at = 0; at < digits.length; at++) out.byte(digits.charCodeAt(at));
  out.byte(0);
  if (negative) out.invert(start);
}

function writeDouble(out: KeyWriter, number: number): void {
  out.reserve(8);
  const { bytes, length } = out;
  if (Number.isNaN(number)) bytes.fill(0, length, length + 8);
  else {
    bytes.writeDoubleBE(number === 0 ? 0 : number, length);
    if ((bytes[length] as number) < 0x80) bytes[length] = (bytes[length] as number) | 0x80;
    else for (let at = length; at < length + 8; at++) bytes[at] = ~(bytes[at] as number) & 0xff;
  }
  out.length += 8;
}

/** The next double towards minus infinity. */
function doubleBelow(number: number): number {
  if (number === Number.POSITIVE_INFINITY) return Number.MAX_VALUE;
  if (number === Number.NEGATIVE_INFINITY) return number;
  if (number === 0) return -Number.MIN_VALUE;
  scratch.writeDoubleBE(number);
  const bits = scratch.readBigInt64BE();
  scratch.writeBigInt64BE(number > 0 ? bits - 1n : bits + 1n);
  return scratch.readDoubleBE();
}

/** Compares exactly: both sides as integers after multiplying the fractions away. */
function compareToDouble(decimal: Decimal, number: number): number {
  scratch.writeDoubleBE(number);
  const bits = scratch.readBigUInt64BE();
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  let mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  if (number < 0) mantissa = -mantissa;
  const power = (biased === 0 ? 1 : biased) - 1075;
  let left = decimal.coefficient;
  let right = mantissa;
  if (decimal.exponent > 0) left *= 10n ** BigInt(decimal.exponent);
  else right *= 10n ** BigInt(-decimal.exponent);
  if (power > 0) right <<= BigInt(power);
  else left <<= BigInt(-power);
  return left < right ? -1 : left > right ? 1 : 0;
}
