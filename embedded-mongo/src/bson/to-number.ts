/** Reads numbers out of BSON where a command needs one: limits, sizes, flags, `$mod`. */
import { decimalOf } from './decimal.ts';
import { BSON_TYPE, type RawValue, readInt32 } from './raw.ts';

/** Reads any numeric type as a JavaScript number; undefined when the value is no number. Longs above 2^53 are rounded. */
export function toNumber(value: RawValue): number | undefined {
  switch (value.type) {
    case BSON_TYPE.int:
      return readInt32(value.bytes, value.start);
    case BSON_TYPE.double:
      return value.bytes.readDoubleLE(value.start);
    case BSON_TYPE.long:
      return Number(value.bytes.readBigInt64LE(value.start));
    case BSON_TYPE.decimal: {
      const decimal = decimalOf(value);
      return typeof decimal === 'number' ? decimal : Number(`${decimal.coefficient}e${decimal.exponent}`);
    }
    default:
      return undefined;
  }
}

/** Reads a whole number; undefined when it has a fraction or is none. */
export function toInteger(value: RawValue): number | undefined {
  const number = toNumber(value);
  return number !== undefined && Number.isInteger(number) ? number : undefined;
}

/** Reads a number cut to a whole one, exactly for longs; undefined for NaN, infinities and other types. */
export function toLong(value: RawValue): bigint | undefined {
  if (value.type === BSON_TYPE.long) return value.bytes.readBigInt64LE(value.start);
  const number = toNumber(value);
  return number === undefined || !Number.isFinite(number) ? undefined : BigInt(Math.trunc(number));
}
