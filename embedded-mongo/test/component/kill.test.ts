/**
 * Kill -9 under load, and a full disk: what was acknowledged is there after the restart. Real processes, three rounds on one folder,
 * which belongs to one of them at a time.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, MongoClient, MongoNetworkError, MongoServerError } from 'mongodb';
import { afterAll, describe, expect, it } from 'vitest';
import { type Child, startChild } from '../../../lab/processes/child.ts';

const WRITERS = 32;
const ROUNDS = 3;
const WRITES_BEFORE_KILL = 800;

const dataDir = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
const fullDir = mkdtempSync(join(tmpdir(), 'embedded-mongo-full-'));
let child: Child | undefined;

afterAll(() => {
  child?.signal('SIGKILL');
  for (const folder of [dataDir, fullDir]) rmSync(folder, { recursive: true, force: true });
});

interface Item {
  _id: string;
  n: number;
  k: string;
}

/** Runs it as process 1 of a world of its own, as in a container; it dies with the one that made that world. */
const asContainer = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
const hasContainers = spawnSync(asContainer[0] as string, [...asContainer.slice(1), 'true']).status === 0;

async function start(extra: NodeJS.ProcessEnv = {}, inside: readonly string[] = []): Promise<string> {
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  const env = { ...process.env, MONGO_PORT: '0', MONGO_DATA_DIR: dataDir, ...extra };
  const [command = '', ...args] = [...inside, process.execPath, main];
  const started = startChild({ command, args, env });
  child = started;
  const ready = await started.says('ready ').catch(async () => {
    throw new Error(`exit ${await started.ended}: ${started.stderr.join('\n')}\n`);
  });
  return ready.slice('ready '.length);
}

function ended(): Promise<number | string> | undefined {
  return child?.ended;
}

/** Writes until the server dies; answers what it acknowledged. */
async function writeUntilKilled(
  c: Collection<Item>,
  round: number,
  acknowledged: Map<string, number>,
): Promise<void> {
  let done = 0;
  let killed = false;
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      for (let n = 0; !killed; n++) {
        try {
          const _id = `${round}-${writer}-${n}`;
          await c.insertOne({ _id, n: 0, k: _id });
          acknowledged.set(_id, 0);
          const { modifiedCount } = await c.updateOne({ _id, n: 0 }, { $inc: { n: 1 } });
          if (modifiedCount === 1) acknowledged.set(_id, 1);
          if (++done < WRITES_BEFORE_KILL || killed) continue;
          killed = true;
          child?.signal('SIGKILL');
        } catch {
          // Cut off by the kill, or too slow on a busy machine: what was not acknowledged may or may not be there.
        }
      }
    }),
  );
}

describe('kill -9', { timeout: 180_000 }, () => {
  it('loses no acknowledged write, and leaves indexes and counts right', async () => {
    const acknowledged = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const client = await MongoClient.connect(await start(), {
        maxPoolSize: WRITERS,
        retryWrites: false,
        writeConcern: { w: 'majority', journal: true },
        serverSelectionTimeoutMS: 500,
      });
      const c = client.db('kill').collection<Item>('items');
      await c.createIndex({ k: 1 }, { unique: true });
      await writeUntilKilled(c, round, acknowledged);
      await ended();
      await client.close();
    }
    const client = await MongoClient.connect(await start());
    const c = client.db('kill').collection<Item>('items');
    const found = new Map((await c.find().toArray()).map(({ _id, n }) => [_id, n]));
    const lost = [...acknowledged].filter(([_id, n]) => (found.get(_id) ?? -1) < n);
    expect(lost).toEqual([]);
    expect(acknowledged.size).toBeGreaterThanOrEqual(ROUNDS * WRITES_BEFORE_KILL);
    expect(await c.estimatedDocumentCount()).toBe(found.size);
    expect(await c.countDocuments({ k: { $gte: '' } }, { hint: 'k_1' })).toBe(found.size);
    await client.close();
    child?.signal('SIGTERM');
    expect(await ended()).toBe(0);
  });
  it('a second process on the folder, and bad settings, are said in one sentence', async () => {
    await start();
    const first = child;
    await expect(start()).rejects.toThrow(
      /exit 1: embedded-mongo: The data folder .* is in use by process \d+; stop it or set MONGO_DATA_DIR\.\n$/,
    );
    await expect(start({ MONGO_PORT: '70000', EXIT_WITH_PARENT: 'yes' })).rejects.toThrow(
      'exit 1: embedded-mongo: Bad settings: MONGO_PORT must be a whole number from 0 to 65535, not "70000"; EXIT_WITH_PARENT must be 0 or 1, not "yes".',
    );
    first?.signal('SIGINT');
    child = first;
    expect(await ended()).toBe(0);
  });
});

/** A limit of the kernel for the size of a file, in blocks of 512 bytes: what is beyond is refused, as on a full disk. */
const asOnFullDisk = ['sh', '-c', 'ulimit -f 400; exec "$@"', 'sh'];

/** The words of a refusal. lmdb may write beyond its buffer when it words the error, which ends the process instead. */
const refused = /^internal error of the embedded database: (File too large|Input\/output error)/;

describe.skipIf(process.platform === 'win32')('a full disk', { timeout: 60_000 }, () => {
  it('acknowledges nothing that does not fit, and keeps what it has', async () => {
    const client = await MongoClient.connect(await start({ MONGO_DATA_DIR: fullDir }, asOnFullDisk), {
      maxPoolSize: WRITERS,
      retryWrites: false,
      serverSelectionTimeoutMS: 1000,
    });
    const c = client.db('full').collection<{ _id: string; text: string }>('items');
    const acknowledged: string[] = [];
    const errors: Error[] = [];
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        for (let n = 0; n < 10; n++) {
          const _id = `${writer}-${n}`;
          await c.insertOne({ _id, text: 'x'.repeat(1000) }).then(
            () => acknowledged.push(_id),
            (error) => errors.push(error),
          );
        }
      }),
    );
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(errors.length).toBeGreaterThan(0);
    const hasEnded = errors.some((error) => error instanceof MongoNetworkError);
    for (const error of errors) if (error instanceof MongoServerError) expect(error.message).toMatch(refused);
    const found = async (from: typeof c) => (await from.find().toArray()).map(({ _id }) => _id).sort();
    if (!hasEnded) expect(await found(c)).toEqual([...acknowledged].sort());
    await client.close();
    child?.signal('SIGKILL');
    await ended();
    const after = await MongoClient.connect(await start({ MONGO_DATA_DIR: fullDir }));
    const again = after.db('full').collection<{ _id: string; text: string }>('items');
    // Of a process that ended, one more group may be on disk than it could acknowledge.
    const kept = await found(again);
    if (!hasEnded) expect(kept).toEqual([...acknowledged].sort());
    expect(new Set(acknowledged).isSubsetOf(new Set(kept))).toBe(true);
    await again.insertOne({ _id: 'more', text: 'there is room now' });
    await after.close();
    child?.signal('SIGTERM');
    expect(await ended()).toBe(0);
  });
});

describe('a data folder', { timeout: 30_000 }, () => {
  it('is free at once when its holder was killed, and nothing but the kernel says so', async () => {
    await start();
    for (let round = 0; round < 3; round++) {
      child?.signal('SIGKILL');
      await start(); // without waiting for the end of the one that was killed
    }
    child?.signal('SIGTERM');
    expect(await ended()).toBe(0);
  });

  it('does not depend on what is written about its holder', async () => {
    const about = join(dataDir, 'server.json');
    for (const text of ['', 'no JSON', `{"pid":${process.pid},"host":"${hostname()}"}`]) {
      writeFileSync(about, text);
      await start();
      const first = child;
      if (text === '') writeFileSync(about, '{"pid":1,"host":"c0ffee"}');
      const who = text === '' ? 'process 1 on c0ffee' : `process ${first?.pid}`;
      await expect(start()).rejects.toThrow(
        `exit 1: embedded-mongo: The data folder ${dataDir} is in use by ${who}; stop it or set MONGO_DATA_DIR.\n`,
      );
      child = first;
      child?.signal('SIGTERM');
      expect(await ended()).toBe(0);
    }
  });

  it.skipIf(!hasContainers)('is refused between containers, where every server is process 1', async () => {
    const url = await start({}, asContainer);
    const first = child;
    await expect(start({}, asContainer)).rejects.toThrow(
      /is in use by process 1; stop it or set MONGO_DATA_DIR/,
    );
    await expect(start()).rejects.toThrow(/is in use by process 1; stop it or set MONGO_DATA_DIR/);
    const client = await MongoClient.connect(url);
    expect(await client.db().command({ ping: 1 })).toMatchObject({ ok: 1 });
    await client.close();
    first?.signal('SIGKILL');
    await start({}, asContainer);
    child?.signal('SIGKILL');
  });
});
