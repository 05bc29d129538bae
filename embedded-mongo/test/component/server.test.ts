/** The server as a whole: hostile bytes, cursors and time, folders and ports, shells' questions. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBson } from '../../src/bson/write.ts';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../src/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
let database: EmbeddedMongo;
let client: MongoClient;
let clock = Date.now();

beforeAll(async () => {
  database = await startEmbeddedMongo({ dataDir: folder, now: () => clock });
  client = await MongoClient.connect(database.url);
});
afterAll(async () => {
  await client.close();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

function rawSocket(): Promise<Socket> {
  const { hostname, port } = new URL(database.url);
  return new Promise((done) => {
    const socket = connect(Number(port), hostname, () => done(socket));
  });
}

/** Sends bytes; resolves with what came back until the server closed the connection. */
async function send(bytes: Buffer): Promise<Buffer> {
  const socket = await rawSocket();
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk));
  socket.on('error', () => {});
  socket.write(bytes);
  await new Promise((done) => socket.once('close', done));
  return Buffer.concat(received);
}

function message(body: Buffer, { flags = 0, opCode = 2013, length = 0 } = {}): Buffer {
  const head = Buffer.alloc(21);
  head.writeInt32LE(length || head.length + body.length, 0);
  head.writeInt32LE(7, 4);
  head.writeInt32LE(opCode, 12);
  head.writeInt32LE(flags, 16);
  return Buffer.concat([head, body]);
}

const broken = Buffer.from(toBson({ ping: 1, $db: 'admin' }));
broken.writeInt32LE(4000, 0);

describe('hostile bytes', () => {
  const ping = toBson({ ping: 1, $db: 'admin' });
  const garbage: [string, Buffer][] = [
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a negative length', message(ping, { length: -5 })],
    ['a huge length', message(ping, { length: 0x7fffffff })],
    ['a tiny length', message(ping, { length: 3 })],
    ['an unknown operation', message(ping, { opCode: 9999 })],
    ['unknown flags', message(ping, { flags: 4 })],
    [
      'an unknown section',
      Buffer.concat([message(Buffer.alloc(0), { length: 22 }).subarray(0, 20), Buffer.from([9, 0])]),
    ],
  ];
  for (const [what, bytes] of garbage) {
    it(`${what} closes that connection and no other`, async () => {
      expect((await send(bytes)).length).toBe(0);
      expect(await client.db().command({ ping: 1 })).toEqual({ ok: 1 });
    });
  }
  it('a broken document is answered with an error, and the connection lives', async () => {
    const socket = await rawSocket();
    const reply = () => new Promise<Buffer>((done) => socket.once('data', done));
    let next = reply();
    socket.write(message(broken));
    expect((await next).toString('latin1')).toContain('invalid BSON');
    next = reply();
    socket.write(message(toBson({ ping: 1, $db: 'admin' })));
    expect((await next).toString('latin1')).toContain('ok');
    socket.destroy();
  });
  it('a message in many small pieces is one message, several in one piece are answered in order', async () => {
    const socket = await rawSocket();
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    const bytes = message(toBson({ ping: 1, $db: 'admin' }));
    for (const byte of Buffer.concat([bytes, bytes, bytes])) {
      socket.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    await expect.poll(() => Buffer.concat(received).length).toBe(3 * (21 + 13));
    socket.destroy();
  });
  it('takes a checksum, and no reply is sent when none is wanted', async () => {
    const socket = await rawSocket();
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    const insert = (a: number) => toBson({ insert: 'quiet', documents: [{ a }], $db: 'quiet' });
    socket.write(message(insert(1), { flags: 2 }));
    socket.write(
      Buffer.concat([message(insert(2), { flags: 1, length: 21 + insert(2).length + 4 }), Buffer.alloc(4)]),
    );
    await expect.poll(() => received.length).toBe(1);
    expect(await client.db('quiet').collection('quiet').countDocuments()).toBe(2);
    socket.destroy();
  });
});

describe('a client that vanishes', () => {
  it('before it has read its answer frees the cursor of its command', async () => {
    const c = client.db('gone').collection('big');
    const blob = 'x'.repeat(1_000_000);
    await c.insertMany(Array.from({ length: 12 }, () => ({ blob })));
    const openCursors = async () => {
      const { metrics } = await client.db('admin').command({ serverStatus: 1 });
      return metrics.cursor.open.total;
    };
    const before = await openCursors();
    const socket = await rawSocket();
    socket.pause();
    socket.write(message(toBson({ find: 'big', batchSize: 8, $db: 'gone' })));
    await expect.poll(openCursors).toBe(before + 1);
    socket.resetAndDestroy();
    await expect.poll(openCursors).toBe(before);
  });
});

describe('time', () => {
  it('TTL indexes remove what has expired, and nothing else', async () => {
    const c = client.db('time').collection('ttl');
    await c.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
    await c.createIndex(
      { until: 1 },
      { expireAfterSeconds: 0, partialFilterExpression: { until: { $exists: true } } },
    );
    await c.insertMany([
      { _id: 'old' as never, at: new Date(clock - 61_000) },
      { _id: 'new' as never, at: new Date(clock - 59_000) },
      { _id: 'none' as never },
      { _id: 'text' as never, at: 'long ago' },
      { _id: 'list' as never, at: [new Date(clock + 5000), new Date(clock - 90_000)] },
      { _id: 'until' as never, until: new Date(clock - 1) },
    ]);
    await database.sweep();
    expect((await c.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id)).toEqual([
      'new',
      'none',
      'text',
    ]);
  });
  it('a cursor that idles for ten minutes is forgotten', async () => {
    const c = client.db('time').collection<{ _id: number }>('cursors');
    await c.insertMany(Array.from({ length: 10 }, (_, _id) => ({ _id })));
    const { cursor } = await client
      .db('time')
      .command({ find: 'cursors', batchSize: 2 }, { promoteLongs: false });
    clock += 9 * 60_000;
    await database.sweep();
    await client.db('time').command({ getMore: cursor.id, collection: 'cursors', batchSize: 2 });
    clock += 11 * 60_000;
    await database.sweep();
    const error = await client
      .db('time')
      .command({ getMore: cursor.id, collection: 'cursors' })
      .catch((e) => e);
    expect(error.code).toBe(43);
  });
});

describe('start and stop', () => {
  it('a folder is used once, a port is used once, each said in a sentence', async () => {
    await expect(startEmbeddedMongo({ dataDir: folder })).rejects.toThrow(
      /data folder .* is in use by this process/,
    );
    const other = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
    const port = Number(new URL(database.url).port);
    await expect(startEmbeddedMongo({ dataDir: other, port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is in use`,
    );
    const second = await startEmbeddedMongo({ dataDir: other });
    await second.stop();
    rmSync(other, { recursive: true, force: true });
  });
  it('keeps collections, indexes, counts and documents over a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
    const first = await startEmbeddedMongo({ dataDir });
    const writer = await MongoClient.connect(first.url);
    const c = writer.db('d').collection('c');
    await c.createIndex({ a: 1 }, { unique: true });
    await c.insertMany([{ a: 1 }, { a: [2, 3] }]);
    await writer.close();
    await first.stop();
    const second = await startEmbeddedMongo({ dataDir });
    const reader = await MongoClient.connect(second.url);
    const again = reader.db('d').collection('c');
    expect([await again.estimatedDocumentCount(), await again.countDocuments({ a: 3 })]).toEqual([2, 1]);
    await expect(again.insertOne({ a: 2 })).rejects.toMatchObject({ code: 11000 });
    expect((await reader.db().admin().listDatabases()).databases.map(({ name }) => name)).toEqual(['d']);
    await reader.close();
    await second.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
});

describe('what shells ask', () => {
  it('says that it is a standalone, and not MongoDB', async () => {
    const admin = client.db('admin');
    const hello = await admin.command({ hello: 1 });
    expect(hello).toMatchObject({ isWritablePrimary: true, maxWireVersion: 21, minWireVersion: 0, ok: 1 });
    expect(hello).not.toHaveProperty('setName');
    expect(await admin.command({ buildInfo: 1 })).toMatchObject({
      version: '7.0.0',
      modules: ['holdfast-embedded'],
    });
  });
  it('answers the questions mongosh opens with', async () => {
    const admin = client.db('admin');
    const questions = [
      { ping: 1 },
      { getParameter: 1, featureCompatibilityVersion: 1 },
      { getCmdLineOpts: 1 },
      { connectionStatus: 1 },
      { getLog: 'startupWarnings' },
      { hostInfo: 1 },
      { serverStatus: 1 },
      { whatsmyuri: 1 },
      { listDatabases: 1, nameOnly: true },
      { dbStats: 1 },
      { endSessions: [] },
    ];
    for (const question of questions) expect(await admin.command(question)).toMatchObject({ ok: 1 });
  });
  it('lists, renames and measures collections', async () => {
    const db = client.db('shell');
    await db.createCollection('a');
    await db.collection('a').insertOne({ x: 1 });
    await db.collection('a').rename('b');
    expect((await db.listCollections().toArray()).map(({ name, type }) => [name, type])).toEqual([
      ['b', 'collection'],
    ]);
    expect(await db.listCollections({ name: 'zzz' }).toArray()).toEqual([]);
    expect(await db.command({ collStats: 'b' })).toMatchObject({ ns: 'shell.b', count: 1, nindexes: 1 });
    expect(
      await db
        .collection('b')
        .aggregate([{ $collStats: { count: {} } }])
        .toArray(),
    ).toMatchObject([{ count: 1 }]);
    await db.dropDatabase();
    expect(await db.listCollections().toArray()).toEqual([]);
  });
});
