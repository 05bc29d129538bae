/** A key that is replaced while documents come in: nobody notices. */
import { MongoClient } from 'mongodb';
import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { rotate, type StoredKey } from '../../src/proof/chain-keys.ts';
import type { KeyDocument } from '../../src/store/mongo-chain-keys.ts';
import { postAsHop } from '../support/as-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument } from '../support/kinds.ts';
import { startChain } from '../support/start-chain.ts';

const hops = useHops();
let client: MongoClient;
let end: RunningHop;
let middle: RunningHop;
let front: RunningHop;
let isOver: boolean;

beforeEach(async () => {
  isOver = false;
  client = new MongoClient(hops.mongoUrl);
  const own = { CHAIN_KEY: '', RETRY_ATTEMPTS: '1', ATTEMPT_TIMEOUT_MS: '4000' };
  ({ front, middle, end } = await startChain(hops, { env: own }));
});
afterEach(async () => {
  isOver = true;
  await client.close();
});

const shelf = () => client.db().collection<KeyDocument>('chain');
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const keep = (keys: readonly StoredKey[]) => shelf().updateOne({ _id: 'key' }, { $set: { keys } });
const readKeys = async () => (await shelf().findOne({ _id: 'key' }))?.keys ?? [];

/** Rotates as if so many minutes ago, so that the new key signs as soon as a service has read it. */
async function rotateAgo(minutes: number): Promise<StoredKey> {
  const keys = rotate(await readKeys(), minutesAgo(minutes));
  await keep(keys);
  return keys.at(-1) as StoredKey;
}

it('is replaced twice under traffic, the first one is gone, and no hop refuses another', async () => {
  const statuses: number[] = [];
  const customers = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      statuses.push((await request(front.url).post('/create').send(createDocument())).status);
    }
  });
  const moreDocuments = (count: number) => {
    const due = statuses.length + count;
    return expect.poll(() => statuses.length, { timeout: 10_000 }).toBeGreaterThan(due);
  };
  /** Waits until a hop has looked again; it does so when it meets a proof that it does not know. */
  const knows = (hop: RunningHop, body: () => object, { key }: StoredKey) =>
    expect
      .poll(async () => (await postAsHop(hop.url, body(), { key })).status, { timeout: 10_000 })
      .toBe(200);

  const [{ key: first } = { key: '' }] = await readKeys();
  await keep([{ key: first, from: minutesAgo(60) }]);
  await moreDocuments(20);
  const second = await rotateAgo(20);
  await knows(front, createDocument, second); // it signs with it now, and the others meet it unprepared
  await moreDocuments(40);
  const third = await rotateAgo(5);
  expect((await readKeys()).map(({ key }) => key)).toEqual([second.key, third.key]);
  await knows(end, () => createDocument().middle.end, third);
  await knows(middle, () => createDocument().middle, third);
  await knows(front, createDocument, third);
  await moreDocuments(40);
  isOver = true;
  await Promise.all(customers);

  // On a busy machine the database may be too slow for one; a hop that is refused would alarm.
  expect(statuses.filter((status) => ![200, 202, 503].includes(status))).toEqual([]);
  expect(hops.logged.filter(({ msg }) => `${msg}`.includes('cannot be handed on'))).toEqual([]);
  expect((await postAsHop(front.url, createDocument(), { key: first })).status).toBe(403);
});
