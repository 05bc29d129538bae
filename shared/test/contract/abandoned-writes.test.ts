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
  way.hold('insert');
  const accept = (id: string) => records.accept(newRecord(id)).catch((error: unknown) => error);
  const answers = [accept('sent-1')];
  await until('one command is on its way', () => way.held === 1);
  answers.push(accept('sent-2'));
  await until('another one is', () => way.held === 2);
  const ids = Array.from({ length: 20 }, (_, n) => `waits-${n}`);
  answers.push(...ids.map(accept));
  expect((await Promise.all(answers)).every((answer) => answer instanceof Error)).toBe(true);
  way.release();
  await until('the database answers again', () => records.accept(newRecord('after')).then(() => true));
  const kept = await until('all can be read', () => Promise.all(ids.map((id) => records.find(id))));
  expect(kept.filter((record) => record !== undefined)).toEqual([]);
});
