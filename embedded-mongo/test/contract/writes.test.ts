/** Inserts, updates and deletes: what is stored, what is counted, which errors come back. */
import {
  Decimal128,
  Double,
  Int32,
  Long,
  type MongoBulkWriteError,
  type MongoServerError,
  ObjectId,
  Timestamp,
} from 'mongodb';
import { expect } from 'vitest';
import { contract, type World } from './target.ts';

async function after({ c }: World, before: object, update: object, query: object = {}, options: object = {}) {
  await c.insertOne({ _id: 1 as never, ...before });
  await c.updateOne(query, update, options);
  return c.findOne({ _id: 1 as never });
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no error',
    (error: MongoServerError) => error.code,
  );
}

contract('insert', (check) => {
  check(
    'makes an _id when there is none, in first place',
    'reference/method/db.collection.insertOne/',
    async ({ c, db }) => {
      await db.command({ insert: 'things', documents: [{ a: 1 }] });
      const [document] = await c.find().toArray();
      expect(Object.keys(document ?? {})).toEqual(['_id', 'a']);
      expect(document?._id).toBeInstanceOf(ObjectId);
    },
  );
  check(
    'a second document with the same _id is E11000 with key and value',
    'core/document/#the-_id-field',
    async ({ c }) => {
      await c.insertOne({ _id: 'x' as never });
      const error = await c.insertOne({ _id: 'x' as never }).catch((e) => e);
      expect(error).toMatchObject({ code: 11000, keyPattern: { _id: 1 }, keyValue: { _id: 'x' } });
      expect(error.message).toMatch(
        /E11000 duplicate key error collection: .*things index: _id_ dup key: \{ _id: "x" \}/,
      );
    },
  );
  check(
    'int 5, long 5 and double 5.0 are the same _id',
    'reference/bson-type-comparison-order/#numeric-types',
    async ({ c }) => {
      await c.insertOne({ _id: new Int32(5) as never });
      expect(await codeOf(c.insertOne({ _id: Long.fromNumber(5) as never }))).toBe(11000);
      expect(await codeOf(c.insertOne({ _id: new Double(5) as never }))).toBe(11000);
      expect(await codeOf(c.insertOne({ _id: Decimal128.fromString('5.0') as never }))).toBe(11000);
    },
  );
  check(
    'an ordered batch stops at the first error, an unordered one goes on',
    'reference/method/db.collection.insertMany/',
    async ({ c }) => {
      const batch = () => [1, 1, 2].map((_id) => ({ _id: _id as never }));
      const ordered: MongoBulkWriteError = await c.insertMany(batch()).catch((e) => e);
      expect([ordered.result.insertedCount, ordered.writeErrors]).toMatchObject([
        1,
        [{ index: 1, code: 11000 }],
      ]);
      await c.deleteMany({});
      const unordered: MongoBulkWriteError = await c.insertMany(batch(), { ordered: false }).catch((e) => e);
      expect([unordered.result.insertedCount, unordered.writeErrors]).toMatchObject([
        2,
        [{ index: 1, code: 11000 }],
      ]);
    },
  );
  check('keeps every type as it came', 'reference/bson-types/', async ({ c }) => {
    const document = {
      _id: 1 as never,
      int: new Int32(1),
      double: new Double(5),
      long: Long.fromString('9007199254740993'),
      decimal: Decimal128.fromString('1.10'),
      date: new Date(-5),
      none: null,
      regex: /a+/i,
      time: new Timestamp({ t: 5, i: 1 }),
      list: [1, [2, 'x'], { y: true }],
      ünï: '日本',
    };
    await c.insertOne(document);
    expect(await c.findOne({}, { promoteValues: false, promoteLongs: false } as never)).toEqual({
      ...document,
      _id: new Int32(1),
      list: [new Int32(1), [new Int32(2), 'x'], { y: true }],
    });
  });
  check('an _id that is an array is refused', 'core/document/#the-_id-field', async ({ db }) => {
    const error = await db.command({ insert: 'things', documents: [{ _id: [1] }] });
    expect(error).toMatchObject({ n: 0, writeErrors: [{ index: 0, code: 53 }] });
  });
});

contract('update operators', (check) => {
  const set = 'reference/operator/update/';
  check('$set makes the objects on its way', `${set}set/`, async (w) => {
    expect(await after(w, { a: 1 }, { $set: { 'b.c': 2, a: 'x' } })).toEqual({ _id: 1, a: 'x', b: { c: 2 } });
  });
  check('$set through a scalar is PathNotViable', `${set}set/`, async (w) => {
    expect(await codeOf(after(w, { a: 1 }, { $set: { 'a.b': 1 } }))).toBe(28);
  });
  check('$set of an array position pads with null', `${set}set/#set-elements-in-arrays`, async (w) => {
    expect(await after(w, { a: [1] }, { $set: { 'a.2': 3 } })).toEqual({ _id: 1, a: [1, null, 3] });
  });
  check('$unset removes fields, and leaves null in arrays', `${set}unset/`, async (w) => {
    expect(
      await after(w, { a: 1, b: [1, 2], c: { d: 1 } }, { $unset: { a: '', 'b.0': '', 'c.d': '', z: '' } }),
    ).toEqual({ _id: 1, b: [null, 2], c: {} });
  });
  check('$inc adds, and makes a missing field', `${set}inc/`, async (w) => {
    expect(await after(w, { a: 1 }, { $inc: { a: 2, b: -1, c: 0.5 } })).toEqual({
      _id: 1,
      a: 3,
      b: -1,
      c: 0.5,
    });
  });
  check('$inc on a Long adds exactly', `${set}inc/`, async (w) => {
    await w.c.insertOne({ _id: 1 as never, a: Long.fromString('9007199254740993') });
    await w.c.updateOne({}, { $inc: { a: 1 } });
    const [d] = await w.c.find({}, { promoteLongs: false } as never).toArray();
    expect(String(d?.a)).toBe('9007199254740994');
  });
  check('$inc of an int beyond 32 bits becomes a long', `${set}inc/`, async (w) => {
    await after(w, { a: 2147483647 }, { $inc: { a: 1 } });
    expect(await w.c.countDocuments({ a: { $type: 'long' } })).toBe(1);
  });
  check('$inc on a Decimal128 stays exact', `${set}inc/`, async (w) => {
    const d = await after(
      w,
      { a: Decimal128.fromString('0.1') },
      { $inc: { a: Decimal128.fromString('0.2') } },
    );
    expect(String(d?.a)).toBe('0.3');
  });
  check('$inc on a string is TypeMismatch and changes nothing', `${set}inc/`, async (w) => {
    expect(await codeOf(after(w, { a: 'x' }, { $inc: { a: 1 } }))).toBe(14);
    expect(await w.c.findOne()).toEqual({ _id: 1, a: 'x' });
  });
  check('$mul multiplies, and makes a missing field 0', `${set}mul/`, async (w) => {
    expect(await after(w, { a: 3 }, { $mul: { a: 2, b: 5 } })).toEqual({ _id: 1, a: 6, b: 0 });
  });
  check('$min and $max compare in BSON order', `${set}min/`, async (w) => {
    expect(
      await after(w, { a: 5, b: 5, c: 5, d: 'x' }, { $min: { a: 3, c: 9 }, $max: { b: 7, d: 4, e: 1 } }),
    ).toEqual({ _id: 1, a: 3, b: 7, c: 5, d: 'x', e: 1 });
  });
  check('$rename moves a field', `${set}rename/`, async (w) => {
    expect(await after(w, { a: 1, b: { c: 2 } }, { $rename: { a: 'x', 'b.c': 'y', nope: 'z' } })).toEqual({
      _id: 1,
      b: {},
      x: 1,
      y: 2,
    });
  });
  check('$currentDate sets the server time', `${set}currentDate/`, async (w) => {
    const d = await after(w, {}, { $currentDate: { a: true, b: { $type: 'timestamp' } } });
    expect(Math.abs(Date.now() - d?.a.getTime())).toBeLessThan(60_000);
    expect(d?.b).toBeInstanceOf(Timestamp);
  });
  check('$push appends; $each, $position, $sort and $slice shape it', `${set}push/`, async (w) => {
    const update = {
      $push: { a: 4, b: { $each: [3, 1], $sort: 1, $slice: -2 }, c: { $each: [9], $position: 0 }, d: 1 },
    };
    expect(await after(w, { a: [1], b: [2], c: [1] }, update as never)).toEqual({
      _id: 1,
      a: [1, 4],
      b: [2, 3],
      c: [9, 1],
      d: [1],
    });
  });
  check('$push sorts documents by a field', `${set}sort/`, async (w) => {
    const update = { $push: { a: { $each: [{ n: 1 }], $sort: { n: -1 } } } };
    expect(await after(w, { a: [{ n: 0 }, { n: 2 }] }, update as never)).toEqual({
      _id: 1,
      a: [{ n: 2 }, { n: 1 }, { n: 0 }],
    });
  });
  check('$push to a scalar is refused', `${set}push/`, async (w) => {
    expect(await codeOf(after(w, { a: 1 }, { $push: { a: 1 } }))).toBe(2);
  });
  check('$addToSet adds only what is not there', `${set}addToSet/`, async (w) => {
    expect(
      await after(w, { a: [1, { b: 1 }] }, { $addToSet: { a: { $each: [1, 2, { b: 1 }, 2] } } } as never),
    ).toEqual({ _id: 1, a: [1, { b: 1 }, 2] });
  });
  check('$pull removes by value and by condition', `${set}pull/`, async (w) => {
    const update = { $pull: { a: { $gte: 3 }, b: 'x', c: { k: 1 } } };
    expect(
      await after(w, { a: [1, 3, 5], b: ['x', 'y', 'x'], c: [{ k: 1, z: 1 }, { k: 2 }] }, update as never),
    ).toEqual({ _id: 1, a: [1], b: ['y'], c: [{ k: 2 }] });
  });
  check('$pullAll and $pop', `${set}pullAll/`, async (w) => {
    expect(
      await after(w, { a: [1, 2, 1], b: [1, 2], c: [1, 2] }, {
        $pullAll: { a: [1] },
        $pop: { b: 1, c: -1 },
      } as never),
    ).toEqual({ _id: 1, a: [2], b: [1], c: [2] });
  });
  check('$ changes the element the query matched', `${set}positional/`, async (w) => {
    expect(await after(w, { a: [{ n: 1 }, { n: 5 }] }, { $set: { 'a.$.n': 9 } }, { 'a.n': 5 })).toEqual({
      _id: 1,
      a: [{ n: 1 }, { n: 9 }],
    });
  });
  check(
    '$ works with $elemMatch',
    `${set}positional/#update-embedded-documents-using-multiple-field-matches`,
    async (w) => {
      expect(
        await after(
          w,
          {
            a: [
              { n: 1, m: 1 },
              { n: 5, m: 2 },
            ],
          },
          { $set: { 'a.$.n': 9 } },
          { a: { $elemMatch: { n: 5, m: 2 } } },
        ),
      ).toEqual({
        _id: 1,
        a: [
          { n: 1, m: 1 },
          { n: 9, m: 2 },
        ],
      });
    },
  );
  check(
    '$[] changes all elements, $[name] those an array filter picks',
    `${set}positional-filtered/`,
    async (w) => {
      expect(
        await after(
          w,
          { a: [1, 5, 7], b: [{ k: 1 }, { k: 2 }] },
          { $inc: { 'a.$[big]': 100 }, $set: { 'b.$[].x': 1 } },
          {},
          { arrayFilters: [{ big: { $gte: 5 } }] },
        ),
      ).toEqual({
        _id: 1,
        a: [1, 105, 107],
        b: [
          { k: 1, x: 1 },
          { k: 2, x: 1 },
        ],
      });
    },
  );
  check('$setOnInsert counts only when a document is made', `${set}setOnInsert/`, async (w) => {
    expect(
      await after(w, { a: 1 }, { $setOnInsert: { b: 1 }, $set: { c: 1 } }, {}, { upsert: true }),
    ).toEqual({ _id: 1, a: 1, c: 1 });
    await w.c.updateOne({ _id: 2 as never }, { $setOnInsert: { b: 1 }, $set: { c: 1 } }, { upsert: true });
    expect(await w.c.findOne({ _id: 2 as never })).toEqual({ _id: 2, b: 1, c: 1 });
  });
  check(
    'new fields come in the order of their names',
    'reference/method/db.collection.updateOne/',
    async (w) => {
      expect(Object.keys((await after(w, { z: 1 }, { $set: { c: 1, b: 1 }, $inc: { a: 1 } })) ?? {})).toEqual(
        ['_id', 'z', 'a', 'b', 'c'],
      );
    },
  );
  check('two operators on one path conflict', 'reference/error-codes/', async (w) => {
    expect(await codeOf(after(w, { a: 1 }, { $set: { 'a.b': 1 }, $unset: { a: 1 } }))).toBe(40);
  });
  check('an unknown operator is FailedToParse', 'reference/error-codes/', async (w) => {
    expect(await codeOf(after(w, { a: 1 }, { $frobnicate: { a: 1 } } as never))).toBe(9);
  });
  check('_id never changes', 'reference/error-codes/', async (w) => {
    expect(await codeOf(after(w, {}, { $set: { _id: 2 } }))).toBe(66);
    expect(await codeOf(w.c.replaceOne({ _id: 1 as never }, { _id: 2, a: 1 } as never))).toBe(66);
  });
});

contract('update and delete', (check) => {
  const page = 'reference/command/update/';
  check('counts what was matched and what was changed', page, async ({ c }) => {
    await c.insertMany([{ a: 1 }, { a: 2 }, { a: 2 }]);
    expect(await c.updateMany({ a: { $gte: 1 } }, { $set: { a: 2 } })).toMatchObject({
      matchedCount: 3,
      modifiedCount: 1,
      upsertedCount: 0,
    });
    expect(await c.updateOne({ a: 9 }, { $set: { a: 2 } })).toMatchObject({
      matchedCount: 0,
      modifiedCount: 0,
    });
  });
  check(
    'replaces a document and keeps its _id',
    'reference/method/db.collection.replaceOne/',
    async ({ c }) => {
      await c.insertOne({ _id: 7 as never, a: 1 });
      await c.replaceOne({ a: 1 }, { b: 2 });
      expect(await c.find().toArray()).toEqual([{ _id: 7, b: 2 }]);
    },
  );
  check('an upsert starts from the equalities of the query', `${page}#upsert`, async ({ c }) => {
    const result = await c.updateOne(
      { a: 1, 'b.c': { $eq: 2 }, d: { $gt: 5 }, $and: [{ e: 3 }] },
      { $set: { f: 4 } },
      { upsert: true },
    );
    const [document] = await c.find().toArray();
    expect(document).toEqual({ _id: result.upsertedId, a: 1, b: { c: 2 }, e: 3, f: 4 });
    expect(result).toMatchObject({ matchedCount: 0, upsertedCount: 1 });
  });
  check('an upsert of a replacement takes _id from the query', `${page}#upsert`, async ({ c }) => {
    await c.replaceOne({ _id: 'k' as never, z: 1 }, { a: 1 }, { upsert: true });
    expect(await c.find().toArray()).toEqual([{ _id: 'k', a: 1 }]);
  });
  check(
    'of concurrent guarded updates exactly one wins',
    'core/write-operations-atomicity/',
    async ({ c }) => {
      await c.insertOne({ _id: 1 as never, state: 'accepted', n: 0 });
      const results = await Promise.all(
        Array.from({ length: 40 }, (_, by) =>
          c.updateOne({ _id: 1 as never, state: 'accepted' }, { $set: { state: 'done', by } }),
        ),
      );
      expect(results.reduce((sum, { modifiedCount }) => sum + modifiedCount, 0)).toBe(1);
      await Promise.all(
        Array.from({ length: 40 }, () => c.updateOne({ _id: 1 as never }, { $inc: { n: 1 } })),
      );
      expect((await c.findOne())?.n).toBe(40);
    },
  );
  check('deletes one or all', 'reference/command/delete/', async ({ c }) => {
    await c.insertMany([{ a: 1 }, { a: 1 }, { a: 1 }]);
    expect((await c.deleteOne({ a: 1 })).deletedCount).toBe(1);
    expect((await c.deleteMany({ a: 1 })).deletedCount).toBe(2);
    expect((await c.deleteMany({ a: 1 })).deletedCount).toBe(0);
  });
  check(
    'bulkWrite mixes operations and reports the failing one',
    'reference/method/db.collection.bulkWrite/',
    async ({ c }) => {
      await c.createIndex({ k: 1 }, { unique: true });
      const error: MongoBulkWriteError = await c
        .bulkWrite([
          { insertOne: { document: { k: 1 } } },
          { updateOne: { filter: { k: 1 }, update: { $set: { a: 1 } } } },
          { insertOne: { document: { k: 1 } } },
          { deleteOne: { filter: { k: 1 } } },
        ])
        .catch((e) => e);
      expect(error).toMatchObject({
        code: 11000,
        result: { insertedCount: 1, modifiedCount: 1, deletedCount: 0 },
      });
      expect(error.writeErrors).toMatchObject([{ index: 2, code: 11000 }]);
    },
  );
  check('an update that would break a unique index changes nothing', 'core/index-unique/', async ({ c }) => {
    await c.createIndex({ k: 1 }, { unique: true });
    await c.insertMany([
      { _id: 1 as never, k: 1 },
      { _id: 2 as never, k: 2 },
    ]);
    const error = await c.updateOne({ _id: 2 as never }, { $set: { k: 1, z: 1 } }).catch((e) => e);
    expect(error).toMatchObject({ code: 11000, keyPattern: { k: 1 }, keyValue: { k: 1 } });
    expect(await c.findOne({ _id: 2 as never })).toEqual({ _id: 2, k: 2 });
  });
});

contract('findAndModify', (check) => {
  const page = 'reference/command/findAndModify/';
  check('answers the old or the new document, the first in the order', page, async ({ c }) => {
    await c.insertMany([
      { _id: 1 as never, n: 5 },
      { _id: 2 as never, n: 3 },
    ]);
    expect(await c.findOneAndUpdate({}, { $inc: { n: 10 } }, { sort: { n: 1 } })).toEqual({ _id: 2, n: 3 });
    expect(
      await c.findOneAndUpdate(
        {},
        { $inc: { n: 10 } },
        { sort: { n: 1 }, returnDocument: 'after', projection: { n: 1, _id: 0 } },
      ),
    ).toEqual({ n: 15 });
    expect(await c.findOneAndUpdate({ n: 999 }, { $inc: { n: 1 } })).toBeNull();
  });
  check('replaces, deletes, upserts', page, async ({ c }) => {
    expect(
      await c.findOneAndReplace({ _id: 1 as never }, { a: 1 }, { upsert: true, returnDocument: 'after' }),
    ).toEqual({ _id: 1, a: 1 });
    expect(await c.findOneAndUpdate({ _id: 2 as never }, { $set: { a: 2 } }, { upsert: true })).toBeNull();
    expect(await c.findOneAndDelete({ _id: 1 as never })).toEqual({ _id: 1, a: 1 });
    expect(await c.find().toArray()).toEqual([{ _id: 2, a: 2 }]);
  });
  check('reports what it did', page, async ({ db }) => {
    const reply = await db.command({
      findAndModify: 'things',
      query: { _id: 5 },
      update: { $set: { a: 1 } },
      upsert: true,
      new: true,
    });
    expect(reply).toMatchObject({
      lastErrorObject: { n: 1, updatedExisting: false, upserted: 5 },
      value: { _id: 5, a: 1 },
      ok: 1,
    });
    expect(
      await codeOf(db.command({ findAndModify: 'things', query: {}, remove: true, update: { a: 1 } })),
    ).toBe(9);
  });
});
