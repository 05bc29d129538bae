/** Indexes: enforced, listed, refused, and used (seen in what explain says was examined, not in time). */
import type { Document, MongoServerError } from 'mongodb';
import { expect } from 'vitest';
import { contract, type World } from './target.ts';

async function examined({ c }: World, filter: object, sort: Document = {}, limit = 0) {
  const { executionStats: stats } = await c.find(filter).sort(sort).limit(limit).explain('executionStats');
  return { returned: stats.nReturned, documents: stats.totalDocsExamined };
}

const fill = ({ c }: World, count: number, make: (n: number) => object) =>
  c.insertMany(Array.from({ length: count }, (_, n) => ({ _id: n as never, ...make(n) })));

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: MongoServerError) => error.code,
  );

contract('unique indexes', (check) => {
  check(
    'a second equal value is refused, null and missing count as one',
    'core/index-unique/',
    async ({ c }) => {
      await c.createIndex({ a: 1 }, { unique: true });
      await c.insertMany([{ a: 1 }, {}]);
      expect(await codeOf(c.insertOne({ a: 1 }))).toBe(11000);
      expect(await codeOf(c.insertOne({ a: null }))).toBe(11000);
      expect(await codeOf(c.insertOne({ a: 2 }))).toBe('no error');
    },
  );
  check(
    'compound: only the combination is unique',
    'core/index-unique/#unique-compound-index',
    async ({ c }) => {
      await c.createIndex({ a: 1, b: -1 }, { unique: true });
      await c.insertMany([
        { a: 1, b: 1 },
        { a: 1, b: 2 },
      ]);
      const error = await c.insertOne({ a: 1, b: 2 }).catch((e) => e);
      expect(error).toMatchObject({ code: 11000, keyPattern: { a: 1, b: -1 }, keyValue: { a: 1, b: 2 } });
    },
  );
  check('sparse: documents without the field do not count', 'core/index-sparse/', async ({ c }) => {
    await c.createIndex({ a: 1 }, { unique: true, sparse: true });
    await c.insertMany([{}, {}, { a: 1 }]);
    expect(await codeOf(c.insertOne({ a: 1 }))).toBe(11000);
  });
  check('partial: only documents that match its filter count', 'core/index-partial/', async ({ c }) => {
    await c.createIndex({ a: 1 }, { unique: true, partialFilterExpression: { live: true } });
    await c.insertMany([{ a: 1, live: false }, { a: 1 }, { _id: 5 as never, a: 1, live: true }]);
    expect(await codeOf(c.insertOne({ a: 1, live: true }))).toBe(11000);
    await c.updateOne({ _id: 5 as never }, { $set: { live: false } });
    expect(await codeOf(c.insertOne({ a: 1, live: true }))).toBe('no error');
  });
  check(
    'elements of arrays are unique across documents, not within one',
    'core/index-unique/',
    async ({ c }) => {
      await c.createIndex({ a: 1 }, { unique: true });
      await c.insertOne({ a: [1, 1, 2] });
      expect(await codeOf(c.insertOne({ a: [2] }))).toBe(11000);
    },
  );
  check('is not built over duplicates', 'core/index-unique/', async ({ c }) => {
    await c.insertMany([{ a: 1 }, { a: 1 }]);
    expect(await codeOf(c.createIndex({ a: 1 }, { unique: true }))).toBe(11000);
    expect((await c.indexes()).length).toBe(1);
  });
});

contract('index administration', (check) => {
  const page = 'reference/command/createIndexes/';
  check('lists what was made', 'reference/command/listIndexes/', async ({ c }) => {
    await c.createIndexes([{ key: { a: 1 } }, { key: { b: -1, c: 1 }, name: 'bc', unique: true }]);
    expect(await c.indexes()).toMatchObject([
      { key: { _id: 1 }, name: '_id_' },
      { key: { a: 1 }, name: 'a_1' },
      { key: { b: -1, c: 1 }, name: 'bc', unique: true },
    ]);
  });
  check('the same again is nothing, other options under the same name are refused', page, async ({ c }) => {
    await c.createIndex({ a: 1 });
    await c.createIndex({ a: 1 });
    expect(await codeOf(c.createIndex({ a: 1 }, { unique: true }))).toBe(86);
    expect(await codeOf(c.createIndex({ a: 1 }, { name: 'other' }))).toBe(85);
  });
  check('drops one, all, and says when there is none', 'reference/command/dropIndexes/', async ({ c }) => {
    await c.createIndexes([{ key: { a: 1 } }, { key: { b: 1 } }]);
    await c.dropIndex('a_1');
    expect((await c.indexes()).map(({ name }) => name)).toEqual(['_id_', 'b_1']);
    expect(await codeOf(c.dropIndex('nope'))).toBe(27);
    expect(await codeOf(c.dropIndex('_id_'))).toBe(72);
    await c.dropIndexes();
    expect((await c.indexes()).length).toBe(1);
  });
  check(
    'two arrays cannot be indexed together',
    'core/indexes/index-types/index-multikey/',
    async ({ c }) => {
      await c.createIndex({ a: 1, b: 1 });
      expect(await codeOf(c.insertOne({ a: [1], b: [2] }))).toBe(171);
    },
  );
});

contract('indexes are used', (check) => {
  const page = 'reference/explain-results/';
  check('a point, a range, a list', page, async (w) => {
    await w.c.createIndex({ n: 1 });
    await fill(w, 200, (n) => ({ n }));
    expect(await examined(w, { n: 7 })).toEqual({ returned: 1, documents: 1 });
    expect(await examined(w, { n: { $gt: 190 } })).toEqual({ returned: 9, documents: 9 });
    expect(await examined(w, { n: { $gte: 5, $lt: 8 } })).toEqual({ returned: 3, documents: 3 });
    expect(await examined(w, { n: { $in: [3, 5, 999] } })).toEqual({ returned: 2, documents: 2 });
    expect(await examined(w, { _id: 5 })).toEqual({ returned: 1, documents: 1 });
  });
  check('the earliest due, by a partial index, reads one document', 'core/index-partial/', async (w) => {
    await w.c.createIndex({ 'out.due': 1 }, { partialFilterExpression: { 'out.due': { $exists: true } } });
    await fill(w, 300, (n) => (n % 3 ? { state: 'done' } : { state: 'accepted', out: { due: 1000 - n } }));
    expect(await examined(w, { 'out.due': { $lte: 5000 } }, { 'out.due': 1 }, 1)).toEqual({
      returned: 1,
      documents: 1,
    });
    const claimed = await w.c.findOneAndUpdate(
      { 'out.due': { $lte: 5000 } },
      { $set: { 'out.due': 9000 }, $inc: { 'out.n': 1 } },
      { sort: { 'out.due': 1 }, returnDocument: 'after' },
    );
    expect(claimed).toEqual({ _id: 297, state: 'accepted', out: { due: 9000, n: 1 } });
    expect((await w.c.findOne({ 'out.due': { $lte: 5000 } }, { sort: { 'out.due': 1 } }))?._id).toBe(294);
  });
  check(
    'compound: equality, then order, forwards and backwards',
    'tutorial/equality-sort-range-guideline/',
    async (w) => {
      await w.c.createIndex({ a: 1, b: -1 });
      await fill(w, 200, (n) => ({ a: n % 4, b: n }));
      expect(await examined(w, { a: 1 }, { b: -1 }, 3)).toEqual({ returned: 3, documents: 3 });
      expect(await examined(w, { a: 1 }, { b: 1 }, 3)).toEqual({ returned: 3, documents: 3 });
      expect(await examined(w, { a: 1, b: { $gt: 100, $lte: 120 } })).toEqual({ returned: 5, documents: 5 });
      expect((await w.c.find({ a: 1 }).sort({ b: 1 }).limit(2).toArray()).map(({ b }) => b)).toEqual([1, 5]);
      expect(
        (
          await w.c
            .find({ a: { $gte: 1 } })
            .sort({ a: -1, b: 1 })
            .limit(2)
            .toArray()
        ).map(({ b }) => b),
      ).toEqual([3, 7]);
    },
  );
  check(
    'multikey: an element finds its documents, each once',
    'core/indexes/index-types/index-multikey/',
    async (w) => {
      await w.c.createIndex({ 'a.k': 1 });
      await fill(w, 60, (n) => ({ a: [{ k: n }, { k: n + 1 }] }));
      expect(await examined(w, { 'a.k': 5 })).toEqual({ returned: 2, documents: 2 });
      expect(await w.c.countDocuments({ 'a.k': { $gte: 5, $lte: 6 } })).toBe(3);
      expect(await w.c.countDocuments({ 'a.k': { $gt: 59, $lt: 1 } })).toBe(0);
      expect((await w.c.find({ 'a.k': { $gte: 58 } }).toArray()).length).toBe(3);
    },
  );
  check('changes keep the entries right', page, async (w) => {
    await w.c.createIndex({ n: 1 });
    await fill(w, 20, (n) => ({ n }));
    await w.c.updateMany({ n: { $lt: 5 } }, { $inc: { n: 100 } });
    await w.c.deleteMany({ n: { $gte: 5, $lt: 10 } });
    expect(
      (
        await w.c
          .find({ n: { $gte: 0 } })
          .sort({ n: 1 })
          .toArray()
      ).map(({ n }) => n),
    ).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 100, 101, 102, 103, 104]);
  });
});
