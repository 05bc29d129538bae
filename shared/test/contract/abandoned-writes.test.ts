/** What becomes of writes that waited for a database that hung, until nobody waited for them any more. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { until } from '../../src/core/until.ts';
import type { HopRecord } from '../../src/delivery/record.ts';
import { createDatabase, type Database } from '../../src/store/database.ts';
import { createMongoRecords } from '../../src/store/mongo-records.ts';
import { type HeldDatabase, openHeldDatabase } from '../support/held-database.ts';
import { ample } from '../support/time-limits.ts';

const at = new Date('2026-11-21T12:00:00Z');
const newRecord = (id: string): HopRecord => ({
  _id: id,
  v: 1,
  fp: 'a'.repeat(64),
  parent: null,
  body: { id },
  state: 'accepted',
  result: null,
  dups: 0,
  at,
});

let way: HeldDatabase;
let database: Database;
beforeAll(async () => {
  way = await openHeldDatabase(`${inject('mongoUrl').replace(/\/+$/, '')}/test-${randomUUID().slice(0, 8)}`);
  database = createDatabase(way.url, { timeLimits: { ...ample, operationMs: 500 } });
  await database.connect(() => undefined);
});
afterAll(async () => {
  await database.connection.dropDatabase();
  await database.close();
  await way.stop();
});

it('a document whose customer was answered 503 while it waited in line is not written when the database is back', async () => {
  const records = createMongoRecords(database, 'companies');
  await until('the database answers', () => records.accept(newRecord('before')).then(() => true));
  way.hold();
  const ids = Array.from({ length: 20 }, (_, n) => `held-${n}`);
  const answers = await Promise.allSettled(ids.map((id) => records.accept(newRecord(id))));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['rejected']));
  way.release();
  await until('the database answers again', () => records.accept(newRecord('after')).then(() => true));
  const kept = await until('all can be read', () => Promise.all(ids.map((id) => records.find(id))));
  // The commands that were on their way may have arrived: two, with one write each.
  expect(kept.slice(2).filter((record) => record !== undefined)).toEqual([]);
});
