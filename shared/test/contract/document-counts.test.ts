/**
 * The counts of documents by state are true, whatever becomes of documents between two looks, and read only what is
 * young: over the real database and its index, by clocks that the test moves.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { HopRecord, State } from '../../src/delivery/record.ts';
import { createDocumentCounts, type DocumentCounts } from '../../src/observability/document-counts.ts';
import { createDatabase, type Database } from '../../src/store/database.ts';
import { createMongoRecords, type MongoRecords } from '../../src/store/mongo-records.ts';
import type { TimeRange } from '../../src/store/state-counts.ts';
import { ample } from '../support/time-limits.ts';

const noon = Date.parse('2026-11-21T12:00:00Z');
let database: Database;
let records: MongoRecords;
let collection: string;
let now: number;
/** How long a look at what is frozen takes. */
let slowMs: number;
let looks: TimeRange[];
let differences: string[];
let counts: DocumentCounts;

beforeAll(async () => {
  database = createDatabase(inject('mongoUrl'), { timeLimits: ample });
  await database.connect(() => undefined);
});
afterAll(() => database.close());

beforeEach(async () => {
  collection = `counts-${randomUUID()}`;
  records = createMongoRecords(database, collection);
  await records.prepare();
  now = noon;
  slowMs = 0;
  looks = [];
  differences = [];
  counts = createDocumentCounts({
    records: {
      ...records,
      countStates(range, limit) {
        looks.push(range);
        now += range.to === undefined ? 0 : slowMs;
        return records.countStates(range, limit);
      },
    },
    clock: () => now,
    steadyClock: () => now,
    // No time passes while it counts, so that only a wait for the whole of it would be one.
    sleep: (ms) => (ms === 500 ? new Promise(() => undefined) : Promise.resolve()),
    onDifference: (sentence) => differences.push(sentence),
  });
});

const kept = () => database.connection.collection<HopRecord>(collection);
const write = (state: State, agesMs: readonly number[]) =>
  kept().insertMany(
    agesMs.map(
      (ageMs) =>
        ({ _id: randomUUID(), state, at: new Date(now - ageMs), out: { due: null } }) as unknown as HopRecord,
    ),
  );
const turn = (from: State, to: State) => kept().updateOne({ state: from }, { $set: { state: to } });
const every = (count: number, stepMs: number) => Array.from({ length: count }, (_, n) => n * stepMs);
/** What is said after the time in which old counts are repeated. */
const look = async (passedMs = 60_000) => {
  now += passedMs;
  looks = [];
  return counts.ask();
};

describe('the counts of documents', () => {
  it('are those of each state, also of many at the same moment and long ago', async () => {
    await write('completed', [...every(50, 400 * 86_400_000), ...every(6000, 10), ...every(3000, 0)]);
    await write('cancelled', every(7, 1000));
    await write('dead', [5000]);
    await write('accepted', [100, 200]);
    expect(await look()).toMatchObject({ completed: 9050, cancelled: 7, dead: 1, accepted: 2, refunded: 0 });
  });

  it('are none in an empty collection, and not unknown', async () => {
    expect(await look()).toMatchObject({ completed: 0, accepted: 0 });
  });

  it('read again only what is younger than the oldest unfinished document, less a margin', async () => {
    await write('completed', every(3000, 60_000));
    await look();
    await write('completed', [1000]);
    await look(5000);
    expect(looks.every(({ from }) => from !== undefined && from.getTime() >= noon)).toBe(true);
    await write('accepted', [0]);
    const createdAt = now;
    await look();
    await look(600_000);
    expect(looks.map(({ from }) => from?.getTime())).toEqual([createdAt - 15_000]);
    expect(await turn('accepted', 'completed').then(() => look())).toMatchObject({
      completed: 3002,
      accepted: 0,
    });
    await look();
    expect(looks.every(({ from }) => (from?.getTime() ?? 0) > createdAt)).toBe(true);
  });

  it('follow a dead document that an operator puts back, also when it ends between two looks', async () => {
    await write('completed', every(10, 60_000));
    await write('dead', [3_600_000, 7_200_000]);
    expect(await look()).toMatchObject({ completed: 10, dead: 2 });
    await turn('dead', 'accepted');
    expect(await look()).toMatchObject({ completed: 10, dead: 1, accepted: 1 });
    await turn('accepted', 'completed');
    expect(await look()).toMatchObject({ completed: 11, dead: 1, accepted: 0 });
    await turn('dead', 'completed');
    expect(await look()).toMatchObject({ completed: 12, dead: 0 });
  });

  it('notice by counting anew what nothing else shows, and say so', async () => {
    await write('completed', every(10, 60_000));
    await look();
    await kept().deleteOne({ state: 'completed' });
    await look(601_000);
    await expect
      .poll(() => differences)
      .toEqual(['the documents were counted anew: 9 completed instead of 10']);
    expect(await look()).toMatchObject({ completed: 9 });
  });

  it('are fresh a second after a first count that took long', async () => {
    await write('completed', every(3000, 60_000));
    slowMs = 1000;
    await counts.ask();
    slowMs = 0;
    await write('completed', [0]);
    expect(await look(6000)).toMatchObject({ completed: 3001 });
  });

  it('are asked of the index, at most once a second', async () => {
    await write('accepted', [0]);
    await look();
    const { length } = looks;
    for (let asked = 0; asked < 5; asked += 1) await counts.ask();
    expect(looks).toHaveLength(length);
    const plan = await kept()
      .find({ state: { $in: ['completed', 'accepted'] }, at: { $gte: new Date(noon) } })
      .explain();
    expect(JSON.stringify(plan)).toContain('"IXSCAN"');
  });
});
