/** The keys of the chain in a real database: all who start agree, and hear of a new one without a restart. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { createKey, type StoredKey, toKeyObject } from '../../src/proof/chain-keys.ts';
import { createDatabase, type Database } from '../../src/store/database.ts';
import { createMongoChainKeys, type KeyDocument } from '../../src/store/mongo-chain-keys.ts';
import { ample } from '../support/time-limits.ts';

const start = 1_000_000;
let url: string;
let database: Database;
let now: number;
let elapsedMs: number;

beforeEach(async () => {
  now = start;
  elapsedMs = 0;
  const base = inject('mongoUrl').replace(/\/+$/, '');
  url = `${base}/keys-${randomUUID().slice(0, 8)}`;
  database = createDatabase(url, { monitorCommands: true, timeLimits: ample });
  await database.connect(() => undefined);
});
afterEach(async () => {
  await database.connection.dropDatabase();
  await database.close();
});

const open = (from = database) => createMongoChainKeys(from, { clock: () => now, elapsed: () => elapsedMs });
const shelf = () => database.connection.collection<KeyDocument>('chain');
const keep = (keys: readonly StoredKey[]) => shelf().updateOne({ _id: 'key' }, { $set: { keys } });
const texts = (keys: ReturnType<typeof open>) => keys.accepted().map((key) => key.export().toString());
async function openLoaded() {
  const keys = open();
  await keys.load();
  return keys;
}

it('is one key, whoever of ten comes first', async () => {
  const all = Array.from({ length: 10 }, () => open());
  await Promise.all(all.map((keys) => keys.load()));
  const [kept, ...more] = await shelf().find().toArray();
  expect(more).toEqual([]);
  expect(kept).toEqual({
    _id: 'key',
    keys: [{ key: expect.stringMatching(/^[\w-]{43}$/), from: new Date(start) }],
  });
  for (const keys of all) expect(texts(keys)).toEqual(kept?.keys.map(({ key }) => key));
});

it('is written for the majority and the journal, and stays after a restart', async () => {
  const concerns: unknown[] = [];
  database.connection.getClient().on('commandStarted', ({ commandName, command }) => {
    if (commandName === 'findAndModify') concerns.push(command.writeConcern);
  });
  const before = await openLoaded();
  const after = await openLoaded();
  expect(texts(after)).toEqual(texts(before));
  expect(concerns).toEqual([
    { w: 'majority', j: true },
    { w: 'majority', j: true },
  ]);
});

it('is believed with the next one, which signs when its time has come', async () => {
  const keys = await openLoaded();
  const [old = ''] = texts(keys);
  const next = createKey(new Date(start + 60_000));
  await keep([{ key: old, from: new Date(start) }, next]);
  elapsedMs += 1000;
  await keys.renew();
  expect(texts(keys)).toEqual([old, next.key]);
  expect(keys.signing().equals(toKeyObject(old))).toBe(true);
  now += 60_000;
  expect(keys.signing().equals(toKeyObject(next.key))).toBe(true);
});

it('is looked at again once a second at most, whatever comes', async () => {
  const keys = await openLoaded();
  const before = texts(keys);
  await keep([createKey(new Date(start))]);
  elapsedMs += 999;
  await keys.renew();
  expect(texts(keys)).toEqual(before);
  elapsedMs += 1;
  await keys.renew();
  expect(texts(keys)).not.toEqual(before);
});

it('is looked at again after ten seconds by whoever works', async () => {
  const keys = await openLoaded();
  const next = createKey(new Date(start));
  await keep([next]);
  elapsedMs += 9999;
  keys.signing();
  await keys.renew();
  elapsedMs += 1;
  keys.signing();
  await expect.poll(() => texts(keys)).toEqual([next.key]);
});

it('is put back as it was when somebody has taken it away', async () => {
  const keys = await openLoaded();
  const before = texts(keys);
  await shelf().deleteMany({});
  elapsedMs += 1000;
  await keys.renew();
  expect(texts(keys)).toEqual(before);
  expect(texts(await openLoaded())).toEqual(before);
});

it('serves on while the database is away, and only a proof that nobody knows has to wait for it', async () => {
  const away = createDatabase(url);
  await away.connect(() => undefined);
  const keys = open(away);
  await keys.load();
  const before = texts(keys);
  await away.close();
  elapsedMs += 60_000;
  expect(texts(keys)).toEqual(before);
  expect(keys.signing()).toBeDefined();
  await expect(keys.renew()).rejects.toMatchObject({ code: 'store-unavailable', saved: false });
});
