/** Keys have the order of values: checked against a slow comparison written after the manual's text. */
import { Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId } from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderKey } from '../../src/bson/order-key.ts';
import { toRawValue } from '../../src/bson/write.ts';

const key = (value: unknown) => orderKey(toRawValue(value));
const compare = (left: unknown, right: unknown) => Math.sign(Buffer.compare(key(left), key(right)));

/** A number of any type, with its exact value as a fraction over 10^40. */
const SCALE = 10n ** 40n;
const numbers = fc.oneof(
  fc.integer().map((n) => ({ bson: new Int32(n), exact: BigInt(n) * SCALE })),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((n) => ({ bson: Long.fromBigInt(n), exact: n * SCALE })),
  fc
    .constantFrom(2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 62n + 1n, 0n)
    .map((n) => ({ bson: Long.fromBigInt(n), exact: n * SCALE })),
  fc
    .integer({ min: -(2 ** 30), max: 2 ** 30 })
    .map((n) => ({ bson: new Double(n / 1024), exact: (BigInt(n) * SCALE) / 1024n })),
  fc
    .constantFrom(2 ** 53, 2 ** 53 + 2, -(2 ** 53), 0.5, -0, 2 ** 62)
    .map((n) => ({ bson: new Double(n), exact: (BigInt(n * 2) * SCALE) / 2n })),
  fc
    .tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.integer({ min: -20, max: 10 }))
    .map(([digits, exponent]) => ({
      bson: Decimal128.fromString(`${digits}E${exponent}`),
      exact:
        exponent < 0 ? (digits * SCALE) / 10n ** BigInt(-exponent) : digits * SCALE * 10n ** BigInt(exponent),
    })),
);

const scalars = fc.oneof(
  fc.integer(),
  fc.string(),
  fc.constantFrom('', 'a', 'a\0', 'a\0b', 'ab', '\u{1F600}', '\uFFFD'),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.constantFrom(new MinKey(), new MaxKey()),
);
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string({ minLength: 1, maxLength: 2, unit: 'grapheme-ascii' }), tie('value'), {
      maxKeys: 3,
    }),
  ),
})).value;

describe('order keys', () => {
  it('numbers of all types are ordered by exact value', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        expect(compare(a.bson, b.bson)).toBe(a.exact < b.exact ? -1 : a.exact > b.exact ? 1 : 0);
      }),
      { numRuns: 3000 },
    );
  });
  it('NaN and the infinities stand at the ends', () => {
    const order = [
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      -1e300,
      -1,
      0,
      1e-300,
      1,
      1e300,
      Number.POSITIVE_INFINITY,
    ];
    for (let at = 1; at < order.length; at++)
      expect(compare(new Double(order[at - 1] as number), new Double(order[at] as number))).toBe(-1);
    expect(compare(Decimal128.fromString('NaN'), new Double(Number.NaN))).toBe(0);
    expect(compare(Decimal128.fromString('Infinity'), new Double(Number.POSITIVE_INFINITY))).toBe(0);
    expect(compare(Decimal128.fromString('1E6000'), new Double(Number.MAX_VALUE))).toBe(1);
    expect(compare(Decimal128.fromString('1E6000'), new Double(Number.POSITIVE_INFINITY))).toBe(-1);
    expect(compare(Decimal128.fromString('-1E6000'), Decimal128.fromString('-1E5999'))).toBe(-1);
    expect(compare(Decimal128.fromString('1E-6000'), new Int32(0))).toBe(1);
  });
  it('classes follow each other as the manual says', () => {
    const order = [
      new MinKey(),
      null,
      5,
      'a',
      { a: 1 },
      [1],
      Buffer.from('a'),
      new ObjectId(),
      false,
      new Date(),
      /a/,
      new MaxKey(),
    ];
    for (let at = 1; at < order.length; at++) expect(compare(order[at - 1], order[at])).toBe(-1);
  });
  it('strings are ordered by their UTF-8 bytes, also with zeros inside', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(compare(a, b)).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
    );
  });
  it('no key is the beginning of another, so keys can follow each other', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [left, right] = [key(a), key(b)];
        if (!left.equals(right)) expect(left.subarray(0, right.length).equals(right)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
  it('turning keys around turns the order around', () => {
    const turned = (value: unknown) => Buffer.from(key(value).map((byte) => ~byte & 0xff));
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(Math.sign(Buffer.compare(turned(a), turned(b)))).toBe(-compare(a, b) || 0);
      }),
      { numRuns: 2000 },
    );
  });
});
