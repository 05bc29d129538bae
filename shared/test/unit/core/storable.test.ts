import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { findUnstorable, isTooDeep, maxDepth } from '../../../src/core/storable.ts';
import { joinPointer } from '../../../src/resilience/json-pointer.ts';
import { mostBytes } from '../../../src/store/record-writes.ts';

const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown;

describe('what cannot be stored', () => {
  it('accepts a body of the deepest legal nesting and refuses one level more', () => {
    expect(isTooDeep(nested(maxDepth))).toBe(false);
    expect(isTooDeep(nested(maxDepth + 1))).toBe(true);
  });

  it('refuses 30,000 levels without overflowing the call stack', () => {
    expect(isTooDeep(nested(30_000))).toBe(true);
  });

  it.each([
    ['NUL in a name', '{"a":{"b\\u0000":1}}', '/a/b\0'],
    ['a name that begins with $', '{"a":{"$gt":1}}', '/a/$gt'],
    ['a name with a dot', '{"a.b":1}', '/a.b'],
    ['__proto__', '{"__proto__":{"x":1}}', '/__proto__'],
    ['_bsontype, of whatever value', '{"items":[{"x":{"_bsontype":null}}]}', '/items/0/x/_bsontype'],
    ['a number beyond all numbers', '{"items":[1e999]}', '/items/0'],
    ['half a character in a name', '{"\\ud800":1}', '/\ufffd'],
    ['half a character', '{"directions":"\\ud800"}', '/directions'],
  ])('names the place of %s', (_what, json, pointer) => {
    expect(findUnstorable(JSON.parse(json)).map((fault) => fault.pointer)).toEqual([pointer]);
  });

  it('names at most 20 places', () => {
    expect(findUnstorable(Array.from({ length: 100 }, () => Number.POSITIVE_INFINITY))).toHaveLength(20);
  });

  it('lets every ordinary JSON value through', () => {
    const name = fc.string().filter((text) => !/[.\0]|^\$|^__proto__$/.test(text) && text.isWellFormed());
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const value = fc.dictionary(name, fc.oneof(leaf, fc.array(leaf), fc.dictionary(name, leaf)));
    fc.assert(fc.property(value, (body) => findUnstorable(body).length === 0));
  });

  it('is all that BSON would change: what passes comes back as it went, and its size is known before', () => {
    const special = [
      '_bsontype',
      'toBSON',
      '$ref',
      '$id',
      '$db',
      '$oid',
      '__proto__',
      'constructor',
      'length',
    ];
    const names = fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom('', '0', '_id', 'a.b', 'n\0', '\ud800', ...special) },
      { weight: 4, arbitrary: fc.string() },
    );
    const numbers = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom(-0, 2 ** 31, -(2 ** 31) - 1));
    const words = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('\0', '\udc00', 'ObjectId', 'Binary', 'Code'),
    );
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        fc.oneof(numbers, words, fc.boolean(), fc.constant(null)),
        fc.array(tie('json')),
        // JSON.parse makes own properties of all names, `__proto__` too, and so must the test.
        fc.array(fc.tuple(names, tie('json'))).map((fields) => Object.fromEntries(fields)),
      ),
    }));
    fc.assert(
      fc.property(json, (body) => {
        fc.pre(findUnstorable(body).length === 0);
        const bytes = BSON.serialize({ body });
        expect(isDeepStrictEqual(BSON.deserialize(bytes), { body })).toBe(true);
        expect(mostBytes(body)).toBeGreaterThan(bytes.length);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['-0', '0 with a sign'],
    ['""', 'an empty text'],
    ['{}', 'an empty object'],
    ['1e20', 'a long number'],
    [`"${'\\u0001€'.repeat(20)}"`, 'a text of long characters'],
  ])('is never larger than the size that is known before: 30,000 times %s, %s', (json) => {
    const body = JSON.parse(`[${Array(30_000).fill(json).join()}]`) as unknown;
    expect(mostBytes(body)).toBeGreaterThan(BSON.calculateObjectSize({ body }));
  });

  it('escapes the two special characters of a JSON Pointer', () => {
    expect(joinPointer('/a', 'b/c~d')).toBe('/a/b~1c~0d');
  });
});
