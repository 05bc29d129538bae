/** What reaches the disk before a write is acknowledged, on each system. lmdb and the file are real; their calls are noted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Storage } from '../../src/store/storage.ts';

const calls: unknown[] = [];
const disk = { isFull: false };

vi.mock('lmdb', async (original) => {
  const lmdb = await original<typeof import('lmdb')>();
  const open = (options: object) => {
    calls.push(options);
    const database = lmdb.open(options as never);
    const commit = database.transactionSync.bind(database);
    database.transactionSync = ((work: () => unknown, flags: number) => {
      const result = commit(work, flags as never);
      calls.push(['committed', flags]);
      return result;
    }) as never;
    const commitAside = database.transactionAsync.bind(database);
    database.transactionAsync = (async (work: () => unknown) => {
      const result = await commitAside(work);
      calls.push('committed aside');
      return result;
    }) as never;
    return database;
  };
  return { ...lmdb, open };
});
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const fsyncSync = (file: number) => {
    if (disk.isFull) throw new Error('no space left');
    calls.push('flushed');
    fs.fsyncSync(file);
  };
  const fsync = (file: number, done: (error: Error | null) => void) => {
    if (disk.isFull) return done(new Error('no space left'));
    calls.push('flushed');
    fs.fsync(file, done);
  };
  return { ...fs, fsync, fsyncSync };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'storage-'));
  calls.length = 0;
  disk.isFull = false;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const key = Buffer.from('key');
async function withStorage(system: NodeJS.Platform, work: (storage: Storage) => Promise<void>) {
  const storage = new Storage(folder, system);
  await work(storage).finally(() => storage.close());
}

describe('the store', () => {
  it('is opened with exactly the options that make a commit durable', async () => {
    await withStorage(process.platform, async () => undefined);
    expect(calls).toEqual([
      {
        path: folder,
        noSubdir: false,
        encoding: 'binary',
        keyEncoding: 'binary',
        cache: false,
        maxDbs: 1,
        eventTurnBatching: false,
        overlappingSync: false,
        noSync: false,
        noMetaSync: false,
        useWritemap: false,
        mapAsync: false,
      },
    ]);
  });

  it.each([
    ['linux', []],
    ['darwin', ['flushed']],
    ['win32', ['flushed']],
  ] as const)('acknowledges on %s what is on the medium', async (system, flushed) => {
    await withStorage(system, async (storage) => {
      for (const way of ['write', 'restructure'] as const) {
        calls.length = 0;
        await storage[way](() => storage.put(key, Buffer.from('value')));
        // MDB_NOSYNC is 0x10000: it must not be among the flags.
        const committed = way === 'write' ? 'committed aside' : ['committed', 2];
        expect([...calls, 'acknowledged']).toEqual([committed, ...flushed, 'acknowledged']);
      }
    });
  });

  it('acknowledges nothing when the flush fails, and does nothing twice', async () => {
    await withStorage('darwin', async (storage) => {
      disk.isFull = true;
      let runs = 0;
      const write = (name: string) =>
        storage.write(() => {
          runs += 1;
          storage.put(Buffer.from(name), Buffer.from('value'));
        });
      const results = await Promise.allSettled([write('a'), write('b')]);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(runs).toBe(2);
    });
  });

  it('commits together what arrives during a flush', async () => {
    await withStorage(process.platform, async (storage) => {
      const write = (name: string) =>
        storage.write(() => storage.put(Buffer.from(name), Buffer.from('value')));
      const later: Promise<void>[] = [];
      const first = storage.write(() => {
        storage.put(key, Buffer.from('value'));
        setImmediate(() => later.push(write('a'), write('b'), write('c')));
      });
      await first;
      await Promise.all(later);
      expect(later).toHaveLength(3);
      expect(calls.filter((call) => call === 'committed aside')).toHaveLength(2);
    });
  });

  it('commits on its own thread while flushes are quick, and together what one turn has written', async () => {
    const storage = new Storage(folder, 'linux', { begin: () => () => {}, areSlow: () => false });
    const write = (name: string) => storage.write(() => storage.put(Buffer.from(name), Buffer.from('value')));
    await Promise.all([write('a'), write('b'), write('c')]);
    await storage.close();
    expect(calls.slice(1)).toEqual([['committed', 2]]);
  });

  it('measures every commit from the end of its writes', async () => {
    const seen: string[] = [];
    const begin = () => {
      seen.push('begun');
      return () => void seen.push('flushed');
    };
    for (const areSlow of [() => true, () => false]) {
      const storage = new Storage(folder, process.platform, { begin, areSlow });
      await storage.write(() => storage.put(key, Buffer.from('value')));
      await storage.close();
    }
    expect(seen).toEqual(['begun', 'flushed', 'begun', 'flushed']);
  });

  it('rolls back a write that fails after a change, and no other', async () => {
    await withStorage(process.platform, async (storage) => {
      const put = (name: string) => storage.put(Buffer.from(name), Buffer.from('value'));
      const results = await Promise.allSettled([
        storage.write(() => put('a')),
        storage.write(() => {
          put('b');
          throw new Error('too late');
        }),
        storage.write(() => put('c')),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(['a', 'b', 'c'].filter((name) => storage.get(Buffer.from(name)))).toEqual(['a', 'c']);
      expect(calls.filter((call) => call === 'committed aside')).toHaveLength(1);
    });
  });

  it('takes no write when it is closed, and finishes those that it has', async () => {
    await withStorage(process.platform, async (storage) => {
      const last = storage.write(() => storage.put(key, Buffer.from('value')));
      const closed = storage.close();
      await expect(storage.write(() => undefined)).rejects.toThrow('the store is closed');
      await Promise.all([last, closed]);
    });
  });

  it('opens a folder that was written with other options', async () => {
    const { open } = await vi.importActual<typeof import('lmdb')>('lmdb');
    const before = open<Buffer, Buffer>({
      path: folder,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      maxDbs: 1,
    });
    before.transactionSync(() => before.putSync(key, Buffer.from('old')), 0x10002 as never);
    await before.close();
    await withStorage(process.platform, async (storage) => {
      expect(storage.get(key)?.toString()).toBe('old');
      await storage.write(() => storage.put(key, Buffer.from('new')));
      expect(storage.get(key)?.toString()).toBe('new');
    });
  });
});
