/** Random work against a model: whatever indexes exist, results are those of a plain list of documents. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Db, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../src/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
let database: EmbeddedMongo;
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  database = await startEmbeddedMongo({ dataDir: folder });
  client = await MongoClient.connect(database.url);
  db = client.db('model');
});
afterAll(async () => {
  await client.close();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

const scalar = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom('a', 'b', null));
const value = fc.oneof(
  { weight: 3, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
);
const nested = fc.oneof(
  fc.record({ x: value }, { requiredKeys: [] }),
  fc.array(fc.record({ x: scalar, y: scalar }, { requiredKeys: [] }), { maxLength: 3 }),
  scalar,
);
const document = fc.record({ a: value, b: scalar, c: nested }, { requiredKeys: [] });
const condition = fc.oneof(
  scalar,
  fc.record({ $gt: scalar, $lte: scalar }, { requiredKeys: [] }).filter((c) => Object.keys(c).length > 0),
  fc.record({ $in: fc.array(scalar, { maxLength: 3 }) }),
  fc.record({ $ne: scalar }),
  fc.record({ $exists: fc.boolean() }),
  fc.record({ $elemMatch: fc.record({ $gte: scalar, $lt: scalar }) }),
);
const filter = fc.dictionary(fc.constantFrom('a', 'b', 'c.x', 'c.y', '_id'), condition, { maxKeys: 3 });
const filters = fc.oneof(
  { weight: 4, arbitrary: filter },
  { weight: 1, arbitrary: fc.record({ $or: fc.array(filter, { minLength: 1, maxLength: 2 }) }) },
);
const indexes = [
  { key: { a: 1 } },
  { key: { b: -1 } },
  { key: { 'c.x': 1 } },
  { key: { b: 1, 'c.x': -1 } },
  { key: { 'c.x': 1, 'c.y': 1 } },
  { key: { b: 1 }, name: 'partial', partialFilterExpression: { b: { $exists: true } } },
  { key: { a: -1 }, name: 'sparse', sparse: true },
  { key: { b: 1, _id: 1 }, name: 'gt', partialFilterExpression: { b: { $gt: 1 } } },
] as const;
const sort = fc.constantFrom<Document | undefined>(
  undefined,
  { b: 1 },
  { b: -1 },
  { _id: -1 },
  { b: 1, 'c.x': -1 },
  { 'c.x': 1 },
);

describe('indexes never change an answer', () => {
  it('finds, counts and orders like a collection without indexes', async () => {
    const run = fc.asyncProperty(
      fc.array(document, { minLength: 1, maxLength: 12 }),
      fc.subarray([...indexes], { minLength: 1 }),
      fc.array(fc.tuple(filters, sort), { minLength: 3, maxLength: 6 }),
      async (documents, chosen, queries) => {
        const [plain, indexed] = [db.collection<Document>('plain'), db.collection<Document>('indexed')];
        await Promise.all([plain.drop(), indexed.drop()]);
        await indexed.createIndexes(chosen.map((index) => ({ ...index })) as never);
        const batch = documents.map((fields, _id) => ({ _id, ...fields }) as Document);
        await Promise.all([plain.insertMany(batch.map((d) => ({ ...d }))), indexed.insertMany(batch)]);
        for (const [query, order] of queries) {
          const by = { ...order, _id: order?._id ?? 1 };
          const [left, right] = await Promise.all([
            plain.find(query).sort(by).toArray(),
            indexed.find(query).sort(by).toArray(),
          ]);
          expect(right).toEqual(left);
          if (order) expect((await indexed.find(query).sort(order).toArray()).length).toBe(left.length);
        }
        const [first] = queries;
        const update = { $set: { b: 3, 'd.e': 1 }, $unset: { a: 1 } };
        await Promise.all([plain, indexed].map((c) => c.updateMany(first?.[0] ?? {}, update)));
        await Promise.all([plain, indexed].map((c) => c.deleteMany(queries[1]?.[0] ?? { b: 1 })));
        expect(await indexed.find().sort({ _id: 1 }).toArray()).toEqual(
          await plain.find().sort({ _id: 1 }).toArray(),
        );
        for (const { key } of chosen) {
          const [name] = Object.keys(key) as [string];
          const found = await indexed.find({ [name]: { $gte: 0 } }).toArray();
          expect(found.length).toBe((await plain.find({ [name]: { $gte: 0 } }).toArray()).length);
        }
      },
    );
    await fc.assert(run, { numRuns: 60 });
  }, 120_000);
});

describe('updates', () => {
  it('do to a document what they do to an object', async () => {
    const name = fc.constantFrom('p', 'q', 'r');
    const step = fc.oneof(
      fc.tuple(fc.constant('$set'), name, fc.integer()),
      fc.tuple(fc.constant('$inc'), name, fc.integer({ min: -9, max: 9 })),
      fc.tuple(fc.constant('$unset'), name, fc.constant(1)),
      fc.tuple(fc.constant('$max'), name, fc.integer()),
      fc.tuple(fc.constant('$push'), fc.constantFrom('l', 'm'), fc.integer()),
      fc.tuple(fc.constant('$addToSet'), fc.constantFrom('l', 'm'), fc.integer({ min: 0, max: 3 })),
      fc.tuple(fc.constant('$pop'), fc.constantFrom('l', 'm'), fc.constantFrom(1, -1)),
    );
    const c = db.collection<Document>('updates');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await c.deleteMany({});
        await c.insertOne({ _id: 1 as never });
        const model: Document = { _id: 1 };
        for (const [operator, field, argument] of steps) {
          await c.updateOne({ _id: 1 as never }, { [operator]: { [field]: argument } });
          apply(model, operator, field, argument);
        }
        expect(await c.findOne()).toEqual(model);
      }),
      { numRuns: 80 },
    );
  }, 120_000);
});

function apply(model: Document, operator: string, field: string, argument: number): void {
  if (operator === '$set') model[field] = argument;
  else if (operator === '$inc') model[field] = (model[field] ?? 0) + argument;
  else if (operator === '$unset') delete model[field];
  else if (operator === '$max') model[field] = Math.max(model[field] ?? argument, argument);
  else if (operator === '$push') model[field] = [...(model[field] ?? []), argument];
  else if (operator === '$addToSet')
    model[field] = model[field]?.includes(argument) ? model[field] : [...(model[field] ?? []), argument];
  else if (operator === '$pop' && model[field])
    model[field] = argument === 1 ? model[field].slice(0, -1) : model[field].slice(1);
}
