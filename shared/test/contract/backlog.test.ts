/** What is pending, counted in a real database: exact while it is little, and never a burden when it is much. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createDatabase, type Database } from '../../src/store/database.ts';
import { createMongoRecords } from '../../src/store/mongo-records.ts';
import { ample } from '../support/time-limits.ts';

const at = new Date('2026-11-21T12:00:00Z');
const collection = 'waiting';
let database: Database;

beforeAll(async () => {
  database = createDatabase(`${inject('mongoUrl')}/backlog-${randomUUID().slice(0, 8)}`, {
    timeLimits: ample,
  });
  await database.connect(() => undefined);
});
afterAll(async () => {
  await database.connection.dropDatabase();
  await database.close();
});

/** In parts: the connection of a service gives up on a command after a second. */
async function insert(from: number, to: number): Promise<void> {
  const documents = database.connection.collection<{ _id: string }>(collection);
  for (let first = from; first < to; first += 1000) {
    const length = Math.min(1000, to - first);
    await documents.insertMany(
      Array.from({ length }, (_, index) => ({ _id: `d-${first + index}`, state: 'accepted', at })),
    );
  }
}

it('is counted up to 20,000, with the age of the oldest', async () => {
  const records = createMongoRecords(database, collection);
  await records.prepare();
  const now = new Date(at.getTime() + 5000);
  expect(await records.backlog(now)).toEqual({ pending: 0, oldestMs: 0 });
  await insert(0, 3);
  expect(await records.backlog(now)).toEqual({ pending: 3, oldestMs: 5000 });
  await insert(3, 20_010);
  expect(await records.backlog(now)).toEqual({ pending: 20_000, oldestMs: 5000 });
});
