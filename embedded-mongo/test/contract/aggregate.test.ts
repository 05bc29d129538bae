/** Pipelines: the stages and expressions of the table. */
import { Decimal128, type Document, type MongoServerError, ObjectId } from 'mongodb';
import { expect } from 'vitest';
import { contract, type World } from './target.ts';

async function run({ c }: World, documents: object[], pipeline: Document[]): Promise<unknown[]> {
  if (documents.length > 0)
    await c.insertMany(documents.map((document, _id) => ({ _id: _id as never, ...document })));
  return c.aggregate(pipeline).toArray();
}

const page = (name: string) => `reference/operator/aggregation/${name}/`;

contract('aggregate', (check) => {
  check('$group sums, averages, collects; null and missing are one group', page('group'), async (w) => {
    const documents = [{ k: 'a', v: 1 }, { k: 'a', v: 2.5 }, { v: 5 }, { k: null, v: 'x' }];
    const group = {
      _id: '$k',
      n: { $sum: 1 },
      sum: { $sum: '$v' },
      avg: { $avg: '$v' },
      max: { $max: '$v' },
      all: { $push: '$v' },
      first: { $first: '$k' },
    };
    expect(await run(w, documents, [{ $group: group }, { $sort: { _id: 1 } }])).toEqual([
      { _id: null, n: 2, sum: 5, avg: 5, max: 'x', all: [5, 'x'], first: null },
      { _id: 'a', n: 2, sum: 3.5, avg: 1.75, max: 2.5, all: [1, 2.5], first: 'a' },
    ]);
  });
  check('$push leaves out what is missing, $addToSet what is there', page('push'), async (w) => {
    expect(
      await run(
        w,
        [{ k: 1 }, {}, { k: null }, { k: 1 }],
        [{ $group: { _id: null, p: { $push: '$k' }, s: { $addToSet: '$k' } } }],
      ),
    ).toEqual([{ _id: null, p: [1, null, 1], s: expect.arrayContaining([1, null]) }]);
  });
  check('$group by ObjectId, date, document', page('group'), async (w) => {
    const id = new ObjectId();
    const documents = [
      { k: id },
      { k: new ObjectId(id.toHexString()) },
      { k: { a: 1, b: 2 } },
      { k: { b: 2, a: 1 } },
    ];
    expect((await run(w, documents, [{ $group: { _id: '$k', n: { $sum: 1 } } }])).length).toBe(3);
    expect(
      await run(w, [], [{ $group: { _id: { x: '$k.a' }, n: { $sum: 1 } } }, { $match: { _id: {} } }]),
    ).toEqual([{ _id: {}, n: 2 }]);
  });
  check('$sum of decimals is exact', page('sum'), async (w) => {
    const documents = [{ v: Decimal128.fromString('0.1') }, { v: Decimal128.fromString('0.2') }];
    const [total] = (await run(w, documents, [{ $group: { _id: 1, t: { $sum: '$v' } } }])) as Document[];
    expect(String(total?.t)).toBe('0.3');
  });
  check('$match, $sort, $skip, $limit, $count', page('count'), async (w) => {
    const documents = [3, 1, 2, 5, 4].map((n) => ({ n }));
    expect(
      await run(w, documents, [
        { $match: { n: { $gt: 1 } } },
        { $sort: { n: -1 } },
        { $skip: 1 },
        { $limit: 2 },
      ]),
    ).toEqual([
      { _id: 4, n: 4 },
      { _id: 0, n: 3 },
    ]);
    expect(await run(w, [], [{ $match: { n: { $gt: 3 } } }, { $count: 'many' }])).toEqual([{ many: 2 }]);
    expect(await run(w, [], [{ $limit: 3 }, { $match: {} }, { $count: 'many' }])).toEqual([{ many: 3 }]);
  });
  check('$unwind, with and without what is empty', page('unwind'), async (w) => {
    const documents = [{ a: [1, 2] }, { a: [] }, {}, { a: null }, { a: 5 }];
    expect(await run(w, documents, [{ $unwind: '$a' }])).toEqual([
      { _id: 0, a: 1 },
      { _id: 0, a: 2 },
      { _id: 4, a: 5 },
    ]);
    expect(
      await run(
        w,
        [],
        [{ $unwind: { path: '$a', preserveNullAndEmptyArrays: true, includeArrayIndex: 'i' } }],
      ),
    ).toEqual([
      { _id: 0, a: 1, i: 0 },
      { _id: 0, a: 2, i: 1 },
      { _id: 1, i: null },
      { _id: 2, i: null },
      { _id: 3, a: null, i: null },
      { _id: 4, a: 5, i: null },
    ]);
  });
  check('$project keeps and computes, $addFields adds', page('project'), async (w) => {
    expect(
      await run(
        w,
        [{ a: 2, b: 3, x: [{ y: 1 }, { y: 2 }] }],
        [{ $project: { _id: 0, a: 1, t: { $multiply: ['$a', '$b'] }, ys: '$x.y', no: '$nope' } }],
      ),
    ).toEqual([{ a: 2, t: 6, ys: [1, 2] }]);
    expect(
      await run(w, [], [{ $addFields: { 'c.d': '$a', b: { $add: ['$b', 1] } } }, { $unset: 'x' }]),
    ).toEqual([{ _id: 0, a: 2, b: 4, c: { d: 2 } }]);
  });
  check('comparisons in expressions go across types, missing is below null', page('gt'), async (w) => {
    const documents = [{ a: null }, {}, { a: 1 }, { a: 'x' }];
    const shape = {
      e: { $eq: ['$a', null] },
      g: { $gt: ['$a', 0] },
      l: { $lt: ['$a', 5] },
      i: { $ifNull: ['$a', 'none'] },
      c: { $cond: ['$a', 'y', 'n'] },
    };
    expect(await run(w, documents, [{ $project: shape }])).toEqual([
      { _id: 0, e: true, g: false, l: true, i: 'none', c: 'n' },
      { _id: 1, e: false, g: false, l: true, i: 'none', c: 'n' },
      { _id: 2, e: false, g: true, l: true, i: 1, c: 'y' },
      { _id: 3, e: false, g: true, l: false, i: 'x', c: 'y' },
    ]);
  });
  check('strings, dates and arrays', 'meta/aggregation-quick-reference/', async (w) => {
    const shape = {
      _id: 0,
      up: { $toUpper: '$s' },
      cat: { $concat: ['$s', '-', '$s'] },
      none: { $concat: ['$s', '$nope'] },
      day: { $dateToString: { date: '$d', format: '%Y-%m-%d' } },
      year: { $year: '$d' },
      size: { $size: '$a' },
      last: { $arrayElemAt: ['$a', -1] },
      big: { $filter: { input: '$a', as: 'x', cond: { $gt: ['$$x', 1] } } },
      plus: { $map: { input: '$a', as: 'x', in: { $add: ['$$x', 1] } } },
      ms: { $subtract: [new Date(9), '$d'] },
      has: { $in: [2, '$a'] },
    };
    expect(await run(w, [{ s: 'ab', d: new Date(0), a: [1, 2, 3] }], [{ $project: shape }])).toEqual([
      {
        up: 'AB',
        cat: 'ab-ab',
        none: null,
        day: '1970-01-01',
        year: 1970,
        size: 3,
        last: 3,
        big: [2, 3],
        plus: [2, 3, 4],
        ms: 9,
        has: true,
      },
    ]);
  });
  check('$lookup joins by equality', page('lookup'), async (w) => {
    const other = w.db.collection<Document>('others');
    await other.drop();
    await other.insertMany([{ _id: 'x' as never, n: 1 }, { _id: 'y' as never, n: 2 }, { _id: 'z' as never }]);
    const lookup = { from: 'others', localField: 'k', foreignField: 'n', as: 'o' };
    expect(await run(w, [{ k: 1 }, { k: [1, 2] }, {}, { k: 9 }], [{ $lookup: lookup }])).toEqual([
      { _id: 0, k: 1, o: [{ _id: 'x', n: 1 }] },
      {
        _id: 1,
        k: [1, 2],
        o: [
          { _id: 'x', n: 1 },
          { _id: 'y', n: 2 },
        ],
      },
      { _id: 2, o: [{ _id: 'z' }] },
      { _id: 3, k: 9, o: [] },
    ]);
  });
  check('$replaceRoot, $sortByCount, $facet', page('facet'), async (w) => {
    const documents = [{ a: { b: 1 } }, { a: { b: 2 } }, { a: { b: 2 } }];
    expect(await run(w, documents, [{ $replaceRoot: { newRoot: '$a' } }, { $limit: 1 }])).toEqual([{ b: 1 }]);
    expect(await run(w, [], [{ $sortByCount: '$a.b' }])).toEqual([
      { _id: 2, count: 2 },
      { _id: 1, count: 1 },
    ]);
    expect(
      await run(w, [], [{ $facet: { n: [{ $count: 'n' }], one: [{ $sort: { _id: -1 } }, { $limit: 1 }] } }]),
    ).toEqual([{ n: [{ n: 3 }], one: [{ _id: 2, a: { b: 2 } }] }]);
  });
  check('a $match at the head uses an index', page('match'), async (w) => {
    await w.c.createIndex({ n: 1 });
    await run(
      w,
      Array.from({ length: 50 }, (_, n) => ({ n })),
      [],
    );
    const plan = JSON.stringify(
      await w.c
        .aggregate([{ $match: { n: 5 } }, { $limit: 5 }])
        .explain()
        .catch(() =>
          w.db.command({
            explain: { aggregate: 'things', pipeline: [{ $match: { n: 5 } }], cursor: {} },
            verbosity: 'queryPlanner',
          }),
        ),
    );
    expect(plan).toMatch(/IXSCAN/);
  });
  check('an unknown stage is refused', 'reference/error-codes/', async (w) => {
    const code = await run(w, [{}], [{ $frobnicate: {} }]).catch((e: MongoServerError) => e.code);
    expect(code).toBe(40324);
  });
});
