/** What the embedded database does not do is refused, with MongoDB's code and a sentence; MongoDB itself is not asked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, type Db, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../src/server.ts';

let database: EmbeddedMongo;
let client: MongoClient;
let db: Db;
const folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));

beforeAll(async () => {
  database = await startEmbeddedMongo({ dataDir: folder });
  client = await MongoClient.connect(database.url);
  db = client.db('refusals');
  await db.collection('c').insertOne({ _id: 1 as never, a: 'x', n: 1 });
});
afterAll(async () => {
  await client.close();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A command, and the code it is refused with. */
const cases: [what: string, code: number, command: Document][] = [
  ['an unknown command', 59, { frobnicate: 1 }],
  ['atlasVersion, which shells try', 59, { atlasVersion: 1 }],
  ['server-side JavaScript', 2, { find: 'c', filter: { $where: 'true' } }],
  ['text search', 2, { find: 'c', filter: { $text: { $search: 'x' } } }],
  ['geo queries', 2, { find: 'c', filter: { a: { $near: [0, 0] } } }],
  ['$jsonSchema', 2, { find: 'c', filter: { $jsonSchema: {} } }],
  ['bit queries', 2, { find: 'c', filter: { n: { $bitsAllSet: 1 } } }],
  ['collation', 238, { find: 'c', collation: { locale: 'de' } }],
  ['tailable cursors', 238, { find: 'c', tailable: true }],
  ['computed projections in find', 238, { find: 'c', projection: { b: '$a' } }],
  ['a hint to no index', 2, { find: 'c', hint: 'nope_1' }],
  ['text indexes', 67, { createIndexes: 'c', indexes: [{ key: { a: 'text' }, name: 't' }] }],
  ['wildcard indexes', 67, { createIndexes: 'c', indexes: [{ key: { '$**': 1 }, name: 'w' }] }],
  [
    'index options outside the table',
    67,
    { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', hidden: true }] },
  ],
  [
    'collation of an index',
    67,
    { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', collation: { locale: 'de' } }] },
  ],
  [
    'partial filters that no query could prove',
    67,
    {
      createIndexes: 'c',
      indexes: [{ key: { a: 1 }, name: 'a', partialFilterExpression: { a: { $ne: 1 } } }],
    },
  ],
  [
    'sparse with partial',
    67,
    {
      createIndexes: 'c',
      indexes: [{ key: { a: 1 }, name: 'a', sparse: true, partialFilterExpression: { a: 1 } }],
    },
  ],
  ['capped collections', 238, { create: 'capped', capped: true, size: 1000 }],
  ['views', 238, { create: 'view', viewOn: 'c' }],
  ['validators', 238, { create: 'valid', validator: { a: 1 } }],
  ['$out', 40324, { aggregate: 'c', pipeline: [{ $out: 'x' }], cursor: {} }],
  [
    'expressions outside the table',
    168,
    { aggregate: 'c', pipeline: [{ $project: { x: { $function: {} } } }], cursor: {} },
  ],
  [
    'accumulators outside the table',
    168,
    { aggregate: 'c', pipeline: [{ $group: { _id: 1, x: { $stdDevPop: '$n' } } }], cursor: {} },
  ],
  ['aggregate without a cursor', 9, { aggregate: 'c', pipeline: [] }],
  ['change streams', 40324, { aggregate: 'c', pipeline: [{ $changeStream: {} }], cursor: {} }],
  ['a transaction', 263, { find: 'c', txnNumber: 1, autocommit: false, startTransaction: true }],
  ['a write concern of two servers', 2, { insert: 'c', documents: [{}], writeConcern: { w: 2 } }],
  ['a named write concern', 79, { insert: 'c', documents: [{}], writeConcern: { w: 'backup' } }],
  ['a snapshot read', 123, { find: 'c', readConcern: { level: 'snapshot' } }],
  ['a field nobody knows', 40415, { find: 'c', frob: 1 }],
  ['reversed natural order', 2, { find: 'c', sort: { $natural: -1 } }],
  ['a bad collection name', 73, { find: 'a$b' }],
  ['an empty collection name', 73, { find: '' }],
  ['a negative skip', 2, { find: 'c', skip: -1 }],
  ['a filter that is no document', 14, { find: 'c', filter: 5 }],
  ['indexes of a collection that does not exist', 26, { listIndexes: 'nope' }],
  ['creating a collection twice', 48, { create: 'c' }],
  ['a cursor that does not exist', 43, { getMore: 5n, collection: 'c' }],
];

/** Update statements, and the code of their write error. */
const updates: [what: string, code: number, update: unknown, more?: object][] = [
  ['pipelines', 238, [{ $set: { a: 1 } }]],
  ['unknown operators', 9, { $bit: { n: { and: 1 } } }],
  ['$inc of a string', 14, { $inc: { a: 1 } }],
  ['$inc by a string', 14, { $inc: { n: 'x' } }],
  ['$push to a scalar', 2, { $push: { a: 1 } }],
  ['a path through a scalar', 28, { $set: { 'a.b': 1 } }],
  ['conflicting paths', 40, { $set: { z: 1, 'z.y': 2 } }],
  ['an empty path', 2, { $set: { '': 1 } }],
  ['a changed _id', 66, { $set: { _id: 9 } }],
  ['positional $ without a match', 2, { $set: { 'z.$': 1 } }],
  ['an array filter nobody uses', 9, { $set: { z: 1 } }, { arrayFilters: [{ x: 1 }] }],
  ['a replacement of many', 9, { z: 1 }, { multi: true }],
  ['dollar names to be stored', 52, { $set: { $z: 1 } }],
];

describe('refusals', () => {
  for (const [what, code, command] of cases) {
    it(`refuses ${what} with ${code}`, async () => {
      const error = await db.command(command).catch((e) => e);
      expect(error).toMatchObject({
        code,
        errmsg: expect.stringMatching(/\w+ .*\w/),
        codeName: expect.any(String),
      });
    });
  }
  for (const [what, code, u, more] of updates) {
    it(`refuses ${what} in an update with ${code}`, async () => {
      const reply = await db.command({ update: 'c', updates: [{ q: {}, u, ...more }] });
      expect(reply).toMatchObject({ ok: 1, n: 0, nModified: 0, writeErrors: [{ index: 0, code }] });
      expect(await db.collection('c').findOne()).toEqual({ _id: 1, a: 'x', n: 1 });
    });
  }
  it('refuses BSON types outside the table', async () => {
    const code = new Code('f', { x: 1 });
    expect(
      await db
        .collection('c')
        .insertOne({ code })
        .catch((e) => e),
    ).toMatchObject({ code: 2 });
  });
  it('refuses an index value that is longer than the store can hold, and leaves nothing behind', async () => {
    const c = db.collection('long');
    await c.createIndex({ a: 1 });
    expect(await c.insertOne({ a: 'x'.repeat(3000) }).catch((e) => e)).toMatchObject({ code: 17280 });
    expect(await c.countDocuments()).toBe(0);
    expect(await c.findOne({ a: 'x'.repeat(3000) })).toBeNull();
  });
  it('refuses a document over 16 MiB', async () => {
    const half = 'x'.repeat(9 * 1024 * 1024);
    const c = db.collection('large');
    await c.insertOne({ _id: 1 as never, half });
    expect(await c.updateOne({}, { $set: { other: half } }).catch((e) => e)).toMatchObject({ code: 10334 });
    expect((await c.findOne())?.half.length).toBe(half.length);
  });
});
