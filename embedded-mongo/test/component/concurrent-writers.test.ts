/** Many writers at once: what is atomic stays so while a flush is under way, and no reader sees half of a change. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../src/server.ts';

const WRITERS = 32;

let dataDir: string;
let database: EmbeddedMongo;
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
  database = await startEmbeddedMongo({ dataDir });
  client = await MongoClient.connect(database.url, {
    maxPoolSize: WRITERS + 4,
    writeConcern: { w: 'majority', journal: true },
  });
  db = client.db('writers');
});

afterAll(async () => {
  await client.close();
  await database.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Each writer calls it with its number and the number of its turn. */
function allWrite(
  turns: number,
  write: (writer: number, turn: number) => Promise<unknown>,
): Promise<unknown> {
  return Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      for (let turn = 0; turn < turns; turn++) await write(writer, turn);
    }),
  );
}

describe('many writers', { timeout: 60_000 }, () => {
  it('claim each task once', async () => {
    const tasks = db.collection<{ _id: number; owner: number | null; due: number }>('tasks');
    await tasks.createIndex({ owner: 1, due: 1 });
    await tasks.insertMany(Array.from({ length: 400 }, (_, _id) => ({ _id, owner: null, due: 400 - _id })));
    const claimed: number[] = [];
    await allWrite(20, async (owner) => {
      const task = await tasks.findOneAndUpdate({ owner: null }, { $set: { owner } }, { sort: { due: 1 } });
      if (task) claimed.push(task._id);
    });
    expect(claimed.sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, n) => n));
    expect(await tasks.countDocuments({ owner: null })).toBe(0);
  });

  it('lose no increment, and see the last one as soon as it is answered', async () => {
    const counters = db.collection<{ _id: string; n: number; by: Record<string, number> }>('counters');
    await counters.insertOne({ _id: 'all', n: 0, by: {} });
    await allWrite(20, async (writer, turn) => {
      await counters.updateOne({ _id: 'all' }, { $inc: { n: 1, [`by.${writer}`]: 1 } });
      expect((await counters.findOne({ _id: 'all' }))?.by[writer]).toBe(turn + 1);
    });
    expect((await counters.findOne({ _id: 'all' }))?.n).toBe(20 * WRITERS);
  });

  it('win a unique value once', async () => {
    const names = db.collection<{ _id: string; name: number }>('names');
    await names.createIndex({ name: 1 }, { unique: true });
    const winners: number[] = [];
    await allWrite(20, (writer, turn) =>
      names.insertOne({ _id: `${writer}-${turn}`, name: turn }).then(
        () => winners.push(turn),
        (error: { code: number }) => expect(error.code).toBe(11000),
      ),
    );
    expect(winners.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('never show a command that changes many documents half done', async () => {
    const pairs = db.collection<{ _id: number; n: number }>('pairs');
    await pairs.insertMany([
      { _id: 1, n: 0 },
      { _id: 2, n: 0 },
    ]);
    await allWrite(10, async (writer) => {
      if (writer % 2 === 0) return void (await pairs.updateMany({}, { $inc: { n: 1 } }));
      const [one, two] = await pairs.find().toArray();
      expect(one?.n).toBe(two?.n);
    });
    expect(await pairs.distinct('n')).toEqual([(10 * WRITERS) / 2]);
  });

  it('change the indexes while others find by them', async () => {
    const items = db.collection<{ _id: number; k: number }>('items');
    await items.insertMany(Array.from({ length: 200 }, (_, _id) => ({ _id, k: _id })));
    await allWrite(10, async (writer, turn) => {
      if (writer > 0) return expect(await items.countDocuments({ k: (writer + turn) % 200 })).toBe(1);
      await items.createIndex({ k: 1 });
      await items.dropIndex('k_1');
    });
  });
});
