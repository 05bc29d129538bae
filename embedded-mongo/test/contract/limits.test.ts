/** How much a client may send, and how long the server works for it. */
import { connect } from 'node:net';
import { BSON, type MongoServerError } from 'mongodb';
import { expect } from 'vitest';
import { contract, type World } from './target.ts';

const MIB_16 = 16 * 1024 * 1024;

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (reply) => reply,
    (error: MongoServerError) => error.code,
  );
}

/** A document of exactly so many bytes. */
function documentOf(bytes: number) {
  const empty = BSON.calculateObjectSize({ _id: 1, text: '' });
  return { _id: 1, text: 'x'.repeat(bytes - empty) };
}

/** Sends the head of a message that claims to be so long; resolves with what came back until the server hung up. */
function claim({ client }: World, length: number): Promise<Buffer> {
  const { host = '127.0.0.1', port = 27_017 } = client.options.hosts[0] ?? {};
  const head = Buffer.alloc(16);
  head.writeInt32LE(length, 0);
  head.writeInt32LE(2013, 12);
  return new Promise((done, fail) => {
    const received: Buffer[] = [];
    const socket = connect(port, host, () => socket.write(head));
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', fail);
    socket.on('close', () => done(Buffer.concat(received)));
  });
}

contract('limits', (check) => {
  check('are announced', 'reference/command/hello/#output', async ({ db }) => {
    expect(await db.command({ hello: 1 })).toMatchObject({
      maxBsonObjectSize: MIB_16,
      maxMessageSizeBytes: 48_000_000,
      maxWriteBatchSize: 100_000,
    });
  });
  check(
    'a document may have 16 MiB, and one byte more is a write error',
    'reference/limits/#bson-documents',
    async ({ c, db }) => {
      const insert = (bytes: number) => db.command({ insert: 'things', documents: [documentOf(bytes)] });
      expect(await insert(MIB_16)).toMatchObject({ n: 1, ok: 1 });
      await c.deleteMany({});
      expect(await insert(MIB_16 + 1)).toMatchObject({ n: 0, ok: 1, writeErrors: [{ index: 0, code: 2 }] });
      expect(await c.countDocuments()).toBe(0);
    },
  );
  check(
    'an update may not make a document larger than 16 MiB',
    'reference/limits/#bson-documents',
    async ({ c }) => {
      await c.insertOne(documentOf(9_000_000) as never);
      const more = { $set: { more: 'x'.repeat(9_000_000) } };
      expect(await codeOf(c.updateOne({ _id: 1 as never }, more))).toBe(10_334);
      expect(await c.countDocuments({ more: { $exists: true } })).toBe(0);
    },
  );
  check(
    'a command is a document, too: of more than 16 MiB and a little it is refused as a whole',
    'reference/limits/#bson-documents',
    async ({ c, db }) => {
      const documents = [1, 2].map((_id) => ({ _id, text: 'x'.repeat(8_400_000) }));
      expect(await codeOf(db.command({ insert: 'things', documents }))).toBe(10_334);
      expect(await c.countDocuments()).toBe(0);
    },
  );
  check(
    'a message of more than 48,000,000 bytes closes its connection and no other',
    'reference/command/hello/#mongodb-data-hello.maxMessageSizeBytes',
    async (world) => {
      expect(await claim(world, 48_000_001)).toHaveLength(0);
      expect(await world.db.command({ ping: 1 })).toMatchObject({ ok: 1 });
    },
  );
  check(
    'a command has 1 to 100,000 writes',
    'reference/limits/#mongodb-limit-Write-Command-Batch-Limit-Size',
    async ({ c, db }) => {
      for (const [name, list, write] of [
        ['insert', 'documents', {}],
        ['update', 'updates', { q: {}, u: { $set: { a: 1 } } }],
        ['delete', 'deletes', { q: {}, limit: 1 }],
      ] as const) {
        const send = (length: number) =>
          codeOf(db.command({ [name]: 'things', [list]: Array.from({ length }, () => write) }));
        expect([name, await send(0), await send(100_001)]).toEqual([name, 16, 16]);
      }
      expect(await c.countDocuments()).toBe(0);
    },
  );
});

contract('maxTimeMS', (check) => {
  const fill = ({ c }: World) =>
    c.insertMany(Array.from({ length: 20_000 }, (_, n) => ({ n, text: `${n}`.repeat(20) })));
  const slow = { text: { $regex: '^(1|2|3)+9$' } };

  check(
    'ends reads that take longer',
    'reference/method/cursor.maxTimeMS/#behaviors',
    async ({ c, db, client }) => {
      await fill({ c, db, client });
      const limit = { maxTimeMS: 1 };
      expect(await codeOf(c.find(slow, limit).toArray())).toBe(50);
      expect(await codeOf(db.command({ count: 'things', query: slow, ...limit }))).toBe(50);
      expect(await codeOf(c.aggregate([{ $match: slow }], limit).toArray())).toBe(50);
      expect(await codeOf(c.find(slow).sort({ text: 1 }).maxTimeMS(1).toArray())).toBe(50);
      expect(await c.find(slow, { maxTimeMS: 60_000 }).toArray()).toEqual(await c.find(slow).toArray());
    },
  );
  check('ends writes that take longer', 'reference/command/update/#command-fields', async (world) => {
    await fill(world);
    const { c, db } = world;
    const updates = [{ q: slow, u: { $set: { seen: true } }, multi: true }];
    expect(await codeOf(db.command({ update: 'things', updates, maxTimeMS: 1 }))).toBe(50);
    const deletes = [{ q: { ...slow, n: -1 }, limit: 0 }];
    expect(await codeOf(db.command({ delete: 'things', deletes, maxTimeMS: 1 }))).toBe(50);
    expect(await codeOf(c.findOneAndUpdate({ ...slow, n: -1 }, { $set: { a: 1 } }, { maxTimeMS: 1 }))).toBe(
      50,
    );
    expect(await c.countDocuments()).toBe(20_000);
  });
  check(
    'of 0 is no limit, and a negative one is refused',
    'reference/method/cursor.maxTimeMS/#behaviors',
    async ({ db }) => {
      expect(await db.command({ find: 'things', maxTimeMS: 0 })).toMatchObject({ ok: 1 });
      expect(await codeOf(db.command({ find: 'things', maxTimeMS: -1 }))).toBe(2);
    },
  );
});
