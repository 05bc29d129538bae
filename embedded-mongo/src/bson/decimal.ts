/**
 * Decimal128 as an exact coefficient and exponent. Only what comparison, `$inc` and `$mul` need; the `bson` package has
 * the text form.
 */
import { Decimal128 } from 'bson';
import type { RawValue } from './raw.ts';

/** The number `coefficient × 10^exponent`. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** Reads a Decimal128; NaN and the infinities come back as numbers. */
export function decimalOf(value: RawValue): Decimal | number {
  const text = new Decimal128(Buffer.from(value.bytes.subarray(value.start, value.start + 16))).toString();
  const match = /^(-?)(\d+)(?:\.(\d*))?(?:E([+-]?\d+))?$/.exec(text);
  if (!match) return text === 'NaN' ? Number.NaN : Number(text);
  const [, sign, whole = '0', fraction = '', exponent = '0'] = match;
  const coefficient = BigInt(whole + fraction);
  if (coefficient === 0n) return 0;
  return {
    coefficient: sign === '-' ? -coefficient : coefficient,
    exponent: Number(exponent) - fraction.length,
  };
}
