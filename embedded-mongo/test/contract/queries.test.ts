/** Which documents a filter finds, in which order, in which shape. */
import { Binary, Decimal128, Double, Long, MaxKey, MinKey, type MongoServerError, ObjectId } from 'mongodb';
import { expect } from 'vitest';
import { contract, type World } from './target.ts';

async function idsOf({ c }: World, documents: object[], filter: object): Promise<unknown[]> {
  await c.insertMany(documents.map((document, _id) => ({ _id: _id as never, ...document })));
  return (await c.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
}

const query = 'reference/operator/query/';

contract('comparison', (check) => {
  check(
    'equality ignores the numeric type',
    'reference/bson-type-comparison-order/#numeric-types',
    async (w) => {
      const values = [
        { a: 5 },
        { a: Long.fromNumber(5) },
        { a: new Double(5) },
        { a: Decimal128.fromString('5.00') },
        { a: '5' },
        { a: 5.5 },
      ];
      expect(await idsOf(w, values, { a: 5 })).toEqual([0, 1, 2, 3]);
    },
  );
  check(
    'longs beyond 2^53 are told apart',
    'reference/bson-type-comparison-order/#numeric-types',
    async (w) => {
      const [even, odd] = [Long.fromString('9007199254740992'), Long.fromString('9007199254740993')];
      expect(await idsOf(w, [{ a: even }, { a: odd }, { a: 2 ** 53 }], { a: { $gt: even } })).toEqual([1]);
    },
  );
  check('null finds null and missing', 'tutorial/query-for-null-fields/', async (w) => {
    expect(await idsOf(w, [{ a: null }, {}, { a: 0 }, { a: [null] }, { a: [] }], { a: null })).toEqual([
      0, 1, 3,
    ]);
  });
  check('$exists tells null from missing', `${query}exists/`, async (w) => {
    expect(await idsOf(w, [{ a: null }, {}, { a: 0 }], { a: { $exists: true } })).toEqual([0, 2]);
    expect((await w.c.find({ a: { $exists: false } }).toArray()).length).toBe(1);
  });
  check(
    '$gt and friends stay within a type',
    'reference/method/db.collection.find/#type-bracketing',
    async (w) => {
      const values = [
        { a: 1 },
        { a: 'x' },
        { a: new Date(5) },
        { a: null },
        {},
        { a: true },
        { a: new ObjectId() },
      ];
      expect(await idsOf(w, values, { a: { $gt: 0 } })).toEqual([0]);
      expect(await w.c.countDocuments({ a: { $gte: '' } })).toBe(1);
      expect(await w.c.countDocuments({ a: { $lte: new Date() } })).toBe(1);
      expect(await w.c.countDocuments({ a: { $lte: null } })).toBe(2);
      expect(await w.c.countDocuments({ a: { $gt: new MinKey() } })).toBe(7);
      expect(await w.c.countDocuments({ a: { $lt: new MaxKey() } })).toBe(7);
    },
  );
  check('$ne and $nin also find documents without the field', `${query}ne/`, async (w) => {
    expect(await idsOf(w, [{ a: 1 }, { a: 2 }, {}, { a: [1, 2] }], { a: { $ne: 1 } })).toEqual([1, 2]);
    expect(await w.c.countDocuments({ a: { $nin: [1, 2] } })).toBe(1);
  });
  check('$in takes values, null and regular expressions', `${query}in/`, async (w) => {
    expect(
      await idsOf(w, [{ a: 1 }, { a: 'abc' }, {}, { a: 'x' }], { a: { $in: [1, null, /^ab/] } }),
    ).toEqual([0, 1, 2]);
  });
  check(
    'an embedded document is equal only with the same fields in the same order',
    'tutorial/query-embedded-documents/',
    async (w) => {
      expect(
        await idsOf(w, [{ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, { a: { x: 1 } }], {
          a: { x: 1, y: 2 },
        }),
      ).toEqual([0]);
    },
  );
  check('binary, ObjectId and dates are compared by value', 'reference/bson-types/', async (w) => {
    const id = new ObjectId();
    const values = [{ a: new Binary(Buffer.from('abc')) }, { a: id }, { a: new Date(7) }];
    expect(await idsOf(w, values, { a: new Binary(Buffer.from('abc')) })).toEqual([0]);
    expect(await w.c.countDocuments({ a: new ObjectId(id.toHexString()) })).toBe(1);
    expect(await w.c.countDocuments({ a: { $gte: new Date(7), $lt: new Date(8) } })).toBe(1);
  });
});

contract('arrays', (check) => {
  check('a condition holds when one element meets it', 'tutorial/query-arrays/', async (w) => {
    expect(await idsOf(w, [{ a: [1, 9] }, { a: [5] }, { a: 5 }], { a: { $gt: 4, $lte: 5 } })).toEqual([
      0, 1, 2,
    ]);
    expect(await w.c.countDocuments({ a: { $gt: 9, $lt: 20 } })).toBe(0);
  });
  check(
    'different elements may meet different conditions',
    'tutorial/query-arrays/#query-an-array-with-compound-filter-conditions-on-the-array-elements',
    async (w) => {
      expect(await idsOf(w, [{ a: [1, 9] }], { a: { $gt: 8, $lt: 2 } })).toEqual([0]);
    },
  );
  check('$elemMatch wants one element for all', `${query}elemMatch/`, async (w) => {
    expect(await idsOf(w, [{ a: [1, 9] }, { a: [5] }], { a: { $elemMatch: { $gt: 4, $lt: 6 } } })).toEqual([
      1,
    ]);
    await w.c.insertMany([
      {
        _id: 7 as never,
        b: [
          { x: 1, y: 1 },
          { x: 2, y: 2 },
        ],
      },
    ]);
    expect(await w.c.countDocuments({ b: { $elemMatch: { x: 1, y: 2 } } })).toBe(0);
    expect(await w.c.countDocuments({ b: { $elemMatch: { x: 2, y: 2 } } })).toBe(1);
    expect(await w.c.countDocuments({ 'b.x': 1, 'b.y': 2 })).toBe(1);
  });
  check('a whole array, $all and $size', `${query}all/`, async (w) => {
    expect(await idsOf(w, [{ a: [1, 2] }, { a: [2, 1] }, { a: [[1, 2]] }, { a: [] }], { a: [1, 2] })).toEqual(
      [0, 2],
    );
    expect(await w.c.countDocuments({ a: { $all: [1, 2] } })).toBe(2);
    expect(await w.c.countDocuments({ a: { $size: 2 } })).toBe(2);
    expect(await w.c.countDocuments({ a: { $size: 0 } })).toBe(1);
  });
  check(
    'dotted names go into arrays, by field and by position',
    'tutorial/query-array-of-documents/',
    async (w) => {
      const values = [{ a: [{ b: 1 }, { b: 2 }] }, { a: { b: 2 } }, { a: [{ b: [2, 3] }] }, { a: [] }];
      expect(await idsOf(w, values, { 'a.b': 2 })).toEqual([0, 1, 2]);
      expect((await w.c.find({ 'a.1.b': 2 }).toArray()).map(({ _id }) => _id)).toEqual([0]);
      expect((await w.c.find({ 'a.b': null }).toArray()).map(({ _id }) => _id)).toEqual([]);
    },
  );
  check('$not turns a condition around', `${query}not/`, async (w) => {
    expect(await idsOf(w, [{ a: 5 }, { a: 1 }, {}, { a: [1, 5] }], { a: { $not: { $gt: 4 } } })).toEqual([
      1, 2,
    ]);
  });
});

contract('logic and other operators', (check) => {
  check('$and, $or, $nor', `${query}or/`, async (w) => {
    expect(
      await idsOf(
        w,
        [
          { a: 1, b: 1 },
          { a: 1, b: 2 },
          { a: 2, b: 2 },
        ],
        { $or: [{ a: 2 }, { $and: [{ a: 1 }, { b: 1 }] }] },
      ),
    ).toEqual([0, 2]);
    expect((await w.c.find({ $nor: [{ a: 2 }, { b: 1 }] }).toArray()).map(({ _id }) => _id)).toEqual([1]);
  });
  check('$regex with options', `${query}regex/`, async (w) => {
    expect(
      await idsOf(w, [{ a: 'Hello' }, { a: 'shell' }, { a: 5 }, { a: ['hel'] }], {
        a: { $regex: '^hel', $options: 'i' },
      }),
    ).toEqual([0, 3]);
  });
  check('$type by name, number and alias', `${query}type/`, async (w) => {
    expect(
      await idsOf(w, [{ a: 1 }, { a: 'x' }, { a: 1.5 }, { a: Long.fromNumber(1) }, { a: [1] }], {
        a: { $type: 'number' },
      }),
    ).toEqual([0, 2, 3, 4]);
    expect(await w.c.countDocuments({ a: { $type: ['string', 16] } })).toBe(3);
  });
  check('$mod', `${query}mod/`, async (w) => {
    expect(await idsOf(w, [{ a: 4 }, { a: 5 }, { a: '4' }, { a: 4.7 }], { a: { $mod: [4, 0] } })).toEqual([
      0, 3,
    ]);
  });
  check('$expr compares fields', `${query}expr/`, async (w) => {
    expect(
      await idsOf(w, [{ a: 1, b: 2 }, { a: 2, b: 1 }, { a: 'x', b: 1 }, { b: 1 }], {
        $expr: { $gt: ['$a', '$b'] },
      }),
    ).toEqual([1, 2]);
  });
  check('an unknown operator is BadValue', 'reference/error-codes/', async ({ c }) => {
    const code = (filter: object) =>
      c
        .find(filter)
        .toArray()
        .catch((e: MongoServerError) => e.code);
    expect([await code({ a: { $frob: 1 } }), await code({ $frob: 1 })]).toEqual([2, 2]);
  });
});

contract('sort, page, project', (check) => {
  check('sorts types in BSON order', 'reference/bson-type-comparison-order/', async ({ c }) => {
    const order = [
      new MinKey(),
      null,
      -1,
      Long.fromNumber(0),
      0.5,
      Decimal128.fromString('0.6'),
      'a',
      'b',
      { a: 1 },
      new Binary(Buffer.from('a')),
      new ObjectId(),
      false,
      true,
      new Date(0),
      /a/,
      new MaxKey(),
    ];
    const shuffled = order.map((a, n) => ({ a, n })).sort((x, y) => ((x.n * 7) % 16) - ((y.n * 7) % 16));
    await c.insertMany(shuffled);
    expect((await c.find().sort({ a: 1 }).toArray()).map(({ n }) => n)).toEqual([...order.keys()]);
    expect((await c.find().sort({ a: -1 }).toArray()).map(({ n }) => n)).toEqual([...order.keys()].reverse());
  });
  check(
    'an array sorts by its smallest or largest element',
    'reference/method/cursor.sort/',
    async ({ c }) => {
      await c.insertMany([
        { _id: 1 as never, a: [5, 20] },
        { _id: 2 as never, a: [1, 10] },
        { _id: 3 as never, a: 7 },
      ]);
      expect((await c.find().sort({ a: 1 }).toArray()).map(({ _id }) => _id)).toEqual([2, 1, 3]);
      expect((await c.find().sort({ a: -1 }).toArray()).map(({ _id }) => _id)).toEqual([1, 2, 3]);
    },
  );
  check('skip and limit', 'reference/command/find/', async ({ c }) => {
    await c.insertMany([5, 3, 1, 4, 2].map((n) => ({ _id: n as never })));
    expect((await c.find().sort({ _id: -1 }).skip(1).limit(2).toArray()).map(({ _id }) => _id)).toEqual([
      4, 3,
    ]);
    expect(await c.countDocuments({}, { skip: 1, limit: 3 })).toBe(3);
    expect([await c.countDocuments({ _id: { $gt: 3 as never } }), await c.estimatedDocumentCount()]).toEqual([
      2, 5,
    ]);
  });
  check(
    'a cursor goes on with getMore, and is gone when it ends',
    'reference/command/getMore/',
    async ({ c, db }) => {
      await c.insertMany(Array.from({ length: 250 }, (_, n) => ({ _id: n as never })));
      expect((await c.find().batchSize(7).toArray()).length).toBe(250);
      const { cursor } = await db.command({ find: 'things', batchSize: 2 }, { promoteLongs: false });
      await db.command({ killCursors: 'things', cursors: [cursor.id] });
      const code = await db.command({ getMore: cursor.id, collection: 'things' }).catch((e) => e.code);
      expect(code).toBe(43);
    },
  );
  check(
    'projects by inclusion and exclusion, also inside arrays',
    'tutorial/project-fields-from-query-results/',
    async ({ c }) => {
      await c.insertOne({ _id: 1 as never, a: 1, b: { c: 1, d: 2 }, e: [{ f: 1, g: 2 }, 5] });
      const shape = (projection: object) => c.findOne({}, { projection });
      expect(await shape({ a: 1, 'b.c': 1 })).toEqual({ _id: 1, a: 1, b: { c: 1 } });
      expect(await shape({ _id: 0, 'e.f': 1 })).toEqual({ e: [{ f: 1 }] });
      expect(await shape({ a: 0, 'b.c': 0, 'e.g': 0 })).toEqual({ _id: 1, b: { d: 2 }, e: [{ f: 1 }, 5] });
      expect(await shape({ e: { $slice: 1 } })).toEqual({
        _id: 1,
        a: 1,
        b: { c: 1, d: 2 },
        e: [{ f: 1, g: 2 }],
      });
      expect(await shape({ e: { $elemMatch: { f: 1 } } })).toEqual({ _id: 1, e: [{ f: 1, g: 2 }] });
      expect(await shape({ a: 1, b: 0 }).catch((e) => e.code)).toBeGreaterThan(0);
    },
  );
  check('distinct counts array elements one by one', 'reference/command/distinct/', async ({ c }) => {
    await c.insertMany([{ a: 1 }, { a: [1, 2] }, { a: 'x' }, {}]);
    expect(await c.distinct('a')).toEqual([1, 2, 'x']);
    expect(await c.distinct('a', { a: 2 })).toEqual([1, 2]);
  });
});
