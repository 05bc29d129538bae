/** One client that asks for too much, and one beside it who notices nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BSON, type Collection, MongoClient, type MongoServerError } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MAX_CURSORS, MAX_CURSORS_PER_CONNECTION } from '../../src/commands/cursors.ts';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../src/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
let database: EmbeddedMongo;
let hostile: MongoClient;
let innocent: MongoClient;
let things: Collection;

beforeAll(async () => {
  database = await startEmbeddedMongo({
    dataDir: folder,
    traffic: { transferMs: 300, maxBytes: 20_000_000 },
  });
  hostile = await MongoClient.connect(database.url, { maxPoolSize: 1 });
  innocent = await MongoClient.connect(database.url, { maxPoolSize: 1 });
  things = hostile.db('bounds').collection('things');
  await things.insertMany(
    Array.from({ length: 3000 }, (_, n) => ({ n, group: n % 7, text: `${'a'.repeat(40)}!` })),
  );
  await innocent
    .db('bounds')
    .collection('own')
    .insertMany(Array.from({ length: 300 }, (_, n) => ({ n })));
});
afterEach(async () => {
  const own = innocent.db('bounds').collection('own');
  expect(await own.find({}, { batchSize: 100 }).toArray()).toHaveLength(300);
  expect(await own.updateOne({ n: 1 }, { $inc: { seen: 1 } })).toMatchObject({ modifiedCount: 1 });
});
afterAll(async () => {
  await hostile.close();
  await innocent.close();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: MongoServerError) => error.code,
  );
}

function open(): Promise<Socket> {
  const { hostname, port } = new URL(database.url);
  return new Promise((done) => {
    const socket = connect(Number(port), hostname, () => done(socket));
    socket.on('error', () => {});
  });
}

const closed = (socket: Socket) => new Promise<void>((done) => socket.once('close', () => done()));

function toMessage(command: object): Buffer {
  const body = BSON.serialize(command);
  const head = Buffer.alloc(21);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(2013, 12);
  return Buffer.concat([head, body]);
}

async function status(): Promise<{ cursors: number; held: number }> {
  const { metrics } = await innocent.db('admin').command({ serverStatus: 1 });
  return { cursors: metrics.cursor.open.total, held: metrics.heldBytes };
}

describe('a pattern that backtracks', () => {
  it('matches nothing, at once, wherever it stands', async () => {
    const text = { $regex: '^(a+)+$' };
    expect(await things.find({ text }).toArray()).toEqual([]);
    expect(await things.find({ text: { $in: [/^(a|aa)+$/] } }).toArray()).toEqual([]);
    expect(await things.aggregate([{ $match: { $nor: [{ text }] } }, { $count: 'n' }]).toArray()).toEqual([
      { n: 3000 },
    ]);
  });
});

describe('maxTimeMS', () => {
  const grow = [
    { $addFields: { m: { $range: [0, 300] } } },
    { $unwind: '$m' },
    { $addFields: { k: { $multiply: ['$n', '$m'] } } },
  ];

  it('ends what comes after the scan', async () => {
    for (const last of [{ $sort: { k: 1 } }, { $group: { _id: '$k' } }, { $sortByCount: '$k' }]) {
      expect(await codeOf(things.aggregate([...grow, last], { maxTimeMS: 60 }).toArray())).toBe(50);
    }
    expect((await status()).held).toBe(0);
  });

  it('ends the getMore of a cursor, and the cursor with it', async () => {
    const cursor = things.aggregate([...grow, { $match: { k: -1 } }], { maxTimeMS: 60, batchSize: 0 });
    expect(await codeOf(cursor.toArray())).toBe(50);
    expect(await status()).toEqual({ cursors: 0, held: 0 });
  });
});

describe('memory', () => {
  it('of a sort or a group is bounded, and free again afterwards', async () => {
    const big = [{ $addFields: { big: { $range: [0, 20_000] } } }, { $unwind: '$n' }];
    expect(await codeOf(things.aggregate([...big, { $sort: { n: -1 } }]).toArray())).toBe(292);
    expect(
      await codeOf(things.aggregate([...big, { $group: { _id: 1, all: { $push: '$big' } } }]).toArray()),
    ).toBe(292);
    expect(await status()).toEqual({ cursors: 0, held: 0 });
  });

  it('of replies that nobody reads is that of one reply, for its time', async () => {
    const socket = await open();
    const find = toMessage({
      ...{ find: 'things', filter: {}, batchSize: 3000, singleBatch: true, $db: 'bounds' },
      comment: 'x'.repeat(10_000),
    });
    socket.pause();
    // More than the sockets buffer: a write fails as soon as the server has closed the connection.
    for (let at = 0; at < 2000; at++) socket.write(find);
    await closed(socket);
  });

  it('of half messages is bounded: whoever holds most is closed', async () => {
    const large = toMessage({ ping: 1, text: 'x'.repeat(15_000_000), $db: 'admin' }).subarray(0, -1000);
    const sockets = await Promise.all([open(), open()]);
    for (const socket of sockets) socket.write(large);
    await Promise.race(sockets.map(closed));
    for (const socket of sockets) socket.destroy();
  });

  it('of a message that never becomes whole is free after its time', async () => {
    const socket = await open();
    socket.write(toMessage({ ping: 1, $db: 'admin' }).subarray(0, 20));
    await closed(socket);
  });
});

describe('open cursors', () => {
  const openOne = { find: 'things', batchSize: 1 };

  it('are bounded per connection', async () => {
    const db = hostile.db('bounds');
    for (let at = 0; at < MAX_CURSORS_PER_CONNECTION; at++) await db.command(openOne);
    expect(await codeOf(db.command(openOne))).toBe(96);
  });

  it('are bounded in all: who holds most loses the oldest', async () => {
    const own = await innocent.db('bounds').command({ find: 'own', batchSize: 1 });
    const clients = await Promise.all(
      Array.from({ length: 11 }, () => MongoClient.connect(database.url, { maxPoolSize: 1 })),
    );
    await Promise.all(
      clients.map(async (client) => {
        for (let at = 0; at < 95; at++) await client.db('bounds').command(openOne);
      }),
    );
    expect((await status()).cursors).toBe(MAX_CURSORS);
    const next = await innocent.db('bounds').command({ getMore: own.cursor.id, collection: 'own' });
    expect(next.cursor.nextBatch).toHaveLength(299);
    await Promise.all(clients.map((client) => client.close()));
  });
});
