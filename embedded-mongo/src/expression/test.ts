/** `$expr`: an expression as a condition (https://www.mongodb.com/docs/manual/reference/operator/query/expr/). */
import { BSON_TYPE, type RawValue, readInt32 } from '../bson/raw.ts';
import { toNumber } from '../bson/to-number.ts';
import { parseExpression } from './expression.ts';

/** Parses an expression into a test of documents: everything but false, null, 0 and missing is true. */
export function parseTest(value: RawValue): (bytes: Buffer, start: number) => boolean {
  const expression = parseExpression(value);
  return (bytes, start) => {
    const result = expression(bytes.subarray(start, start + readInt32(bytes, start)) as Buffer);
    if (result.type === BSON_TYPE.missing || result.type === BSON_TYPE.null) return false;
    if (result.type === BSON_TYPE.bool) return result.bytes[result.start] === 1;
    return toNumber(result) !== 0;
  };
}
