/** Probe leases in a real database: whoever asks first has it, and nobody else until it is over or given back. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { until } from '../../src/core/until.ts';
import { createDatabase, type Database } from '../../src/store/database.ts';
import { createMongoLeases } from '../../src/store/mongo-leases.ts';
import { ample } from '../support/time-limits.ts';

let database: Database;
let now = 1_000_000;
const leasesOf = (holder: string) => createMongoLeases(database, { holder, clock: () => now });

beforeAll(async () => {
  const base = inject('mongoUrl').replace(/\/+$/, '');
  database = createDatabase(`${base}/leases-${randomUUID().slice(0, 8)}`, { timeLimits: ample });
  await database.connect(() => undefined);
});
afterAll(async () => {
  await database.connection.dropDatabase();
  await database.close();
});

it('is given to one of ten who ask at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => leasesOf(`replica-${index}`).ask('a→b', 5000)),
  );
  expect(answers.filter((waitMs) => waitMs === 0)).toHaveLength(1);
  for (const waitMs of answers.filter((wait) => wait > 0)) expect(waitMs).toBe(5000);
});

it('is given again when its time is over, and each breaker has its own', async () => {
  const leases = leasesOf('replica-1');
  expect(await leases.ask('own', 5000)).toBe(0);
  now += 4000;
  expect(await leases.ask('own', 5000)).toBe(1000);
  expect(await leases.ask('other', 5000)).toBe(0);
  now += 1000;
  expect(await leases.ask('own', 5000)).toBe(0);
});

it('binds nobody for longer than its length, though the clock of its holder was days ahead', async () => {
  const days = 3 * 86_400_000;
  now += days;
  expect(await leasesOf('replica-1').ask('ahead', 5000)).toBe(0);
  now -= days;
  expect(await leasesOf('replica-2').ask('ahead', 5000)).toBe(0);
  expect(await leasesOf('replica-3').ask('ahead', 5000)).toBe(5000);
});

it('is not needed while the neighbour is well, and again when it is sick', async () => {
  await leasesOf('replica-1').ask('back', 60_000);
  await leasesOf('replica-1').publish('back', 'well');
  for (const holder of ['replica-2', 'replica-3']) expect(await leasesOf(holder).ask('back', 60_000)).toBe(0);
  await leasesOf('replica-2').publish('back', 'sick');
  expect(await leasesOf('replica-2').ask('back', 60_000)).toBe(0);
  expect(await leasesOf('replica-3').ask('back', 60_000)).toBe(60_000);
});

it('is removed by the database a day after its end, so that names of instances that are gone leave it', async () => {
  await leasesOf('replica-1').ask('gone', 5000);
  const indexes = await until('the index is built', async () => {
    const found = await database.connection.collection('probes').indexes();
    return found.length > 1 && found;
  });
  expect(indexes).toContainEqual(expect.objectContaining({ key: { until: 1 }, expireAfterSeconds: 86_400 }));
});

it('rejects when the database is away, so that each can decide alone', async () => {
  const away = createDatabase('mongodb://127.0.0.1:1/away');
  const leases = createMongoLeases(away, { holder: 'alone', clock: () => now });
  await expect(leases.ask('a→b', 1000)).rejects.toThrow();
  await away.close();
});
