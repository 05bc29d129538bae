/**
 * A power cut keeps what was flushed and any part of what was not. The first test builds such files from what each commit
 * wrote and opens them; the second sees that the order they stand for is the order of the system calls.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startChild } from '../../../lab/processes/child.ts';
import { Storage } from '../../src/store/storage.ts';

const PAGE = 4096;
const SECTOR = 512;
/** The two pages that say which tree is valid. */
const ROOTS = 2;
const COMMITS = 40;
const KEYS = 300;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'power-cut-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A repeatable sequence of numbers from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The file before a commit, with the sectors of its pages for which `isWritten` is true; its roots are not written. */
function cut(before: Buffer, after: Buffer, isWritten: () => boolean): Buffer {
  const file = Buffer.alloc(Math.max(before.length, after.length));
  before.copy(file);
  for (let at = ROOTS * PAGE; at < after.length; at += SECTOR) {
    if (isWritten()) after.copy(file, at, at, at + SECTOR);
  }
  return file;
}

async function contentOf(file: Buffer, name: string): Promise<Map<string, string>> {
  const copy = join(folder, name);
  mkdirSync(copy);
  writeFileSync(join(copy, 'data.mdb'), file);
  const storage = new Storage(copy);
  const entries = [...storage.scan({ start: Buffer.from('k'), end: Buffer.from('l') })];
  await storage.close();
  rmSync(copy, { recursive: true });
  return new Map(entries.map(({ key, value }) => [key.toString(), value.toString()]));
}

describe('a power cut', { timeout: 120_000 }, () => {
  it('during a commit leaves what was acknowledged before, whatever of the commit reached the disk', async () => {
    const random = randomFrom(12);
    const data = join(folder, 'data');
    const storage = new Storage(data);
    const model = new Map<string, string>();
    for (let commit = 0; commit < COMMITS; commit++) {
      const before = readFileSync(join(data, 'data.mdb'));
      const acknowledged = new Map(model);
      // Writes of one turn are one commit.
      await Promise.all(
        Array.from({ length: 1 + Math.floor(random() * 20) }, () => {
          const key = `k${Math.floor(random() * KEYS)}`;
          const value = random() < 0.25 ? undefined : `${commit}`.repeat(1 + Math.floor(random() * 3000));
          if (value === undefined) model.delete(key);
          else model.set(key, value);
          return storage.write(() => {
            if (value === undefined) storage.remove(Buffer.from(key));
            else storage.put(Buffer.from(key), Buffer.from(value));
          });
        }),
      );
      const after = readFileSync(join(data, 'data.mdb'));
      const some = cut(before, after, () => random() < 0.5);
      const all = cut(before, after, () => true);
      expect(await contentOf(some, `some-${commit}`)).toEqual(acknowledged);
      expect(await contentOf(all, `all-${commit}`)).toEqual(acknowledged);
      expect(await contentOf(after, `after-${commit}`)).toEqual(model);
    }
    await storage.close();
  });

  const trace = join(tmpdir(), `power-cut-${process.pid}.trace`);
  const asTraced = ['strace', '-D', '-f', '-qq', '-y', '-e', 'trace=pwrite64,pwritev,fdatasync,write,writev'];
  const asSlowDisk = ['-e', 'inject=fdatasync:delay_enter=5000'];
  const canTrace = spawnSync('strace', ['-D', '-f', '-qq', '-o', trace, 'true']).status === 0;

  it.skipIf(!canTrace)(
    'finds pages, flush and root on disk before the answer, by another thread where flushes are slow',
    async () => {
      const main = new URL('../../src/main.ts', import.meta.url).pathname;
      const [command = '', ...args] = [...asTraced, ...asSlowDisk, '-o', trace, process.execPath, main];
      const env = { ...process.env, MONGO_PORT: '0', MONGO_DATA_DIR: folder };
      const child = startChild({ command, args, env });
      const client = await MongoClient.connect((await child.says('ready ')).slice('ready '.length));
      const c = client.db('cut').collection<{ _id: string }>('items');
      await c.insertOne({ _id: 'first' });
      await c.insertOne({ _id: 'second' });
      await client.close();
      child.signal('SIGTERM');
      expect(await child.ended).toBe(0);
      const lines = readFileSync(trace, 'utf8').split('\n');
      rmSync(trace);
      // Lines are "thread call(file, …) = result"; an answer to an insert has 41 bytes.
      const steps = lines
        .filter((line) => line.includes('data.mdb') || / = 41$/.test(line))
        .slice(-4)
        .map((line) => line.split(/ +|\(/));
      expect(steps.map(([, call]) => call)).toEqual([
        expect.stringMatching(/write/),
        'fdatasync',
        'pwrite64',
        'write',
      ]);
      const [pages, flush, root, answer] = steps.map(([thread]) => thread);
      expect([pages, root]).toEqual([flush, flush]);
      expect(flush).not.toBe(answer);
    },
  );
});
