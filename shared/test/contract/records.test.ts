/**
 * What every keeper of records must do: one suite for the one in MongoDB and the one in the simulation, so that what
 * the simulation proves is proved of the real writes too.
 */
import { randomUUID } from 'node:crypto';
import { BSON } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { HopRecord, Outbox, Records, Report } from '../../src/delivery/record.ts';
import { createDatabase, type Database } from '../../src/store/database.ts';
import { createMongoLeases } from '../../src/store/mongo-leases.ts';
import { createMongoRecords, type MongoRecords } from '../../src/store/mongo-records.ts';
import { createSimStore } from '../simulation/store.ts';
import { createWorld } from '../simulation/world.ts';
import { ample } from '../support/time-limits.ts';

const at = new Date('2026-11-21T12:00:00Z');
const later = (ms: number) => new Date(at.getTime() + ms);
const done = {
  state: 'completed',
  result: { status: 200, body: { ok: true } },
  ledger: undefined,
  at,
} as const;
const charge = { t: 'charge', amount: 5, at } as const;
const capture = { t: 'capture', amount: 5, at } as const;
const outbox: Outbox = { due: later(1000), by: 'me/1', n: 1, fails: 0, firstAt: at, hop: 1, via: [] };

const pendingRecord = (id: string, change: Partial<HopRecord> = {}): HopRecord => ({
  _id: id,
  v: 1,
  fp: 'a'.repeat(64),
  parent: null,
  body: { id, empty: {}, nested: [{ deep: null }] },
  state: 'accepted',
  result: null,
  out: outbox,
  dups: 0,
  at,
  ...change,
});

const commands: { name: string; writeConcern: unknown; maxTimeMS: unknown }[] = [];
let database: Database;

const keepers: Record<string, () => Promise<Records>> = {
  async MongoDB() {
    const records = createMongoRecords(database, `records-${randomUUID()}`);
    await records.prepare();
    return records;
  },
  async 'the simulation'() {
    const world = createWorld(1);
    const records = createSimStore(world, () => 0, 'none').connect({
      isAlive: () => true,
      pausedMs: () => 0,
    });
    // Virtual time passes as fast as it can while somebody waits.
    const driven =
      (call: (...given: unknown[]) => Promise<unknown>) =>
      async (...given: unknown[]) => {
        const result = call(...given);
        await world.run(Number.POSITIVE_INFINITY);
        return result;
      };
    const calls = Object.entries(records).map(([name, call]) => [name, driven(call)]);
    return Object.fromEntries(calls) as Records;
  },
};

beforeAll(async () => {
  database = createDatabase(`${inject('mongoUrl')}/test-${randomUUID().slice(0, 8)}`, {
    monitorCommands: true,
    timeLimits: ample,
  });
  await database.connect(() => undefined);
  database.connection.getClient().on('commandStarted', ({ commandName, command }) => {
    const { writeConcern, maxTimeMS } = command;
    commands.push({ name: commandName, writeConcern, maxTimeMS });
  });
});
afterAll(async () => {
  await database.connection.dropDatabase();
  await database.close();
});

describe.each(Object.keys(keepers))('records in %s', (keeper) => {
  let records: Records;
  beforeAll(async () => {
    records = await (keepers[keeper] as () => Promise<Records>)();
  });

  it('keep a document as it was given', async () => {
    expect(await records.accept(pendingRecord('kept'))).toBeUndefined();
    expect(await records.find('kept')).toEqual(pendingRecord('kept'));
    expect(await records.find('unknown')).toBeUndefined();
  });

  it('keep one document under an id, count the repeat and hand back what is there', async () => {
    await records.accept(pendingRecord('once'));
    const found = await records.accept(pendingRecord('once', { fp: 'b'.repeat(64) }));
    expect(found).toMatchObject({ _id: 'once', fp: 'a'.repeat(64), state: 'accepted' });
    expect(await records.find('once')).toMatchObject({ fp: 'a'.repeat(64), dups: 1 });
  });

  it('let exactly one of many accepts in', async () => {
    const found = await Promise.all(Array.from({ length: 20 }, () => records.accept(pendingRecord('race'))));
    expect(found.filter((record) => record === undefined)).toHaveLength(1);
  });

  it('make a document final once: state, answer and ledger in one, and nothing owed any more', async () => {
    await records.accept(pendingRecord('final', { ledger: [charge] }));
    expect(await records.finalize('final', { ...done, ledger: capture })).toBe(true);
    expect(await records.finalize('final', { ...done, state: 'refunded', ledger: capture })).toBe(false);
    const { out: _, ...rest } = pendingRecord('final');
    const ended = { ...rest, state: 'completed', result: done.result, ledger: [charge, capture], doneAt: at };
    expect(await records.find('final')).toEqual(ended);
  });

  it('let exactly one of many finalize', async () => {
    await records.accept(pendingRecord('raced', { ledger: [charge] }));
    const finalize = (_: unknown, n: number) =>
      records.finalize('raced', { ...done, result: { status: 200, body: { n } }, ledger: capture });
    const won = await Promise.all(Array.from({ length: 10 }, finalize));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await records.find('raced'))?.ledger).toHaveLength(2);
  });

  it('know for each of many that finalize at the same time who won', async () => {
    const ids = Array.from({ length: 30 }, (_, n) => `many-${n}`);
    await Promise.all(ids.map((id) => records.accept(pendingRecord(id))));
    const before = ids.filter((_, n) => n % 3 === 0);
    const mine = { ...done, result: { status: 200, body: { mine: true } }, at: later(5) };
    await Promise.all(before.map((id) => records.finalize(id, done)));
    const won = await Promise.all(ids.map((id) => records.finalize(id, mine)));
    expect(ids.filter((_, n) => !won[n])).toEqual(before);
  });

  it('take a report from the holder only', async () => {
    await records.accept(pendingRecord('report'));
    await records.reschedule('report', 'somebody/1', { due: at, err: 'not mine', kind: 'failed' });
    expect((await records.find('report'))?.out).toEqual(outbox);
    await records.reschedule('report', 'me/1', { due: later(500), err: 'refused', kind: 'failed' });
    const counts = { fails: 1, refusals: 0, ended: 0 };
    const reported = { ...outbox, ...counts, by: null, due: later(500), err: 'refused' };
    expect((await records.find('report'))?.out).toEqual(reported);
    await records.reschedule('report', 'me/1', { due: at, err: 'again', kind: 'failed' });
    expect((await records.find('report'))?.out).toEqual(reported);
    await records.finalize('report', done);
  });

  it('do not count what was not sent, or what waits', async () => {
    for (const kind of ['not-sent', 'waiting'] as const) {
      await records.accept(pendingRecord(kind));
      await records.reschedule(kind, 'me/1', { due: later(9000), err: 'open', kind });
      expect((await records.find(kind))?.out).toMatchObject({ n: 0, fails: 0, err: 'open', by: null });
      await records.finalize(kind, done);
    }
  });

  it('hand out what is due, earliest first, each to one claimer, and count the attempt', async () => {
    for (const [id, ms] of [
      ['second', 20],
      ['first', 10],
      ['future', 5000],
    ] as const) {
      await records.accept(pendingRecord(id, { out: { ...outbox, due: later(ms) } }));
    }
    const first = await records.claim({ by: 'relay/0', due: later(60_000) }, later(15));
    expect(first).toMatchObject({ _id: 'first', out: { by: 'relay/0', n: 2, due: later(60_000) } });
    expect(first?.out?.takenFrom).toBe('me/1');
    expect((await records.find('first'))?.out).toEqual({
      ...outbox,
      by: 'relay/0',
      n: 2,
      due: later(60_000),
    });
    const claims = [1, 2, 3].map((n) => records.claim({ by: `relay/${n}`, due: later(60_000) }, later(100)));
    const claimed = (await Promise.all(claims)).filter((record) => record !== undefined);
    expect(claimed.map(({ _id }) => _id)).toEqual(['second']);
  });

  it('never hand out what is final or put aside', async () => {
    await records.accept(pendingRecord('buried', { out: { ...outbox, due: at } }));
    await records.deadLetter('buried', 'me/1', 'eight attempts ended their process', at);
    expect(await records.find('buried')).toMatchObject({ state: 'dead', out: { due: null, by: null, n: 1 } });
    expect(await records.claim({ by: 'relay/6', due: later(60_000) }, later(300))).toBeUndefined();
  });

  it('let the final answer of the next hop beat burial', async () => {
    await records.accept(pendingRecord('revived', { ledger: [charge] }));
    await records.deadLetter('revived', 'me/1', 'eight attempts ended their process', at);
    expect(await records.finalize('revived', { ...done, ledger: capture, at: later(7) })).toBe(true);
    const kept = await records.find('revived');
    expect(kept).toMatchObject({ state: 'completed', result: done.result, ledger: [charge, capture] });
    expect([kept?.out, kept?.doneAt]).toEqual([undefined, later(7)]);
    expect(await records.finalize('never-kept', done)).toBe(false);
  });

  it('count a repeat in a write, and make none up', async () => {
    await records.accept(pendingRecord('again'));
    expect(await records.repeat('again')).toMatchObject({ _id: 'again', dups: 1 });
    expect(await records.repeat('unheard')).toBeUndefined();
    expect((await records.find('again'))?.dups).toBe(1);
    await records.finalize('again', done);
  });

  it('count the refusals in a row of a next hop that is there', async () => {
    await records.accept(pendingRecord('refusals'));
    const report = async (kind: Report['kind']) => {
      await records.claim({ by: 'me/1', due: later(1000) }, at);
      await records.reschedule('refusals', 'me/1', { due: at, err: 'no', kind });
      const { n, fails, refusals } = (await records.find('refusals'))?.out ?? {};
      return { n, fails, refusals };
    };
    expect(await report('not-taken')).toEqual({ n: 1, fails: 1, refusals: 1 });
    expect(await report('not-sent')).toEqual({ n: 1, fails: 1, refusals: 1 });
    expect(await report('not-taken')).toEqual({ n: 2, fails: 2, refusals: 2 });
    expect(await report('failed')).toEqual({ n: 3, fails: 3, refusals: 0 });
    expect(await report('not-taken')).toEqual({ n: 4, fails: 4, refusals: 1 });
    expect(await report('waiting')).toEqual({ n: 4, fails: 4, refusals: 0 });
    await records.finalize('refusals', done);
  });

  it('count each start that ended while it held a document once, and begin anew after any report', async () => {
    await records.accept(pendingRecord('held', { out: { ...outbox, by: 'host/a/1' } }));
    await records.reclaim('host/', later(1));
    await records.reclaim('host/', later(2));
    expect((await records.find('held'))?.out).toMatchObject({ due: later(1), by: null, ended: 1, n: 1 });
    for (let claims = 0; claims < 9; claims += 1)
      await records.claim({ by: `host/b/${claims}`, due: later(3) }, later(3));
    expect((await records.find('held'))?.out).toMatchObject({ by: 'host/b/8', ended: 1, n: 10 });
    await records.reclaim('host/', later(4));
    await records.reclaim('other/', later(4));
    expect((await records.find('held'))?.out?.ended).toBe(2);
    await records.claim({ by: 'host/c/1', due: later(9) }, later(5));
    await records.reschedule('held', 'host/c/1', { due: later(6), err: 'open', kind: 'not-sent' });
    expect((await records.find('held'))?.out?.ended).toBe(0);
    await records.finalize('held', done);
  });

  it('give back what a process that leaves still holds, which counts nothing', async () => {
    await records.accept(pendingRecord('left', { out: { ...outbox, by: 'gone/a/1' } }));
    await records.release('gone/a/', later(1));
    const { ended = 0, ...out } = (await records.find('left'))?.out ?? {};
    expect([ended, out]).toMatchObject([0, { due: later(1), by: null }]);
    await records.finalize('left', done);
  });

  it('bring back what a clock ahead has put off, and leave alone what a right clock wrote', async () => {
    const longest = { leaseMs: 6000, waitMs: 300_000 };
    const day = 86_400_000;
    const held = { 'held-far': later(day), 'held-near': later(5000) };
    const free = { 'free-far': later(day), 'free-near': later(299_000) };
    for (const [id, due] of Object.entries(held))
      await records.accept(pendingRecord(id, { out: { ...outbox, due } }));
    for (const [id, due] of Object.entries(free))
      await records.accept(pendingRecord(id, { out: { ...outbox, due, by: null } }));
    await records.sweep(at, longest);
    const dues = [...Object.keys(held), ...Object.keys(free)].map(async (id) =>
      (await records.find(id))?.out?.due?.getTime(),
    );
    expect(await Promise.all(dues)).toEqual(
      [later(6000), later(5000), at, later(299_000)].map((due) => due.getTime()),
    );
    for (const id of [...Object.keys(held), ...Object.keys(free)]) await records.finalize(id, done);
  });

  it('prefer for a probe what has failed least, however long it waits', async () => {
    for (const [id, fails] of [
      ['always-fails', 40],
      ['failed-once', 1],
      ['fresh', 0],
    ] as const) {
      const due = later(id === 'always-fails' ? -9 : 0);
      await records.accept(pendingRecord(id, { out: { ...outbox, due, by: null, fails } }));
    }
    const probe = { leastFailed: true };
    const taken = async (choice?: typeof probe) =>
      (await records.claim({ by: 'probe/1', due: later(60_000) }, at, choice))?._id;
    expect([await taken(probe), await taken(probe), await taken(probe), await taken(probe)]).toEqual([
      'fresh',
      'failed-once',
      'always-fails',
      undefined,
    ]);
    await records.release('probe/', at);
    expect(await taken()).not.toBe(undefined);
    for (const id of ['always-fails', 'failed-once', 'fresh']) await records.finalize(id, done);
  });
});

describe('documents that share a command with MongoDB', () => {
  let records: MongoRecords;
  beforeAll(async () => {
    records = createMongoRecords(database, `company-${randomUUID()}`);
    await records.prepare();
  });
  /** What BSON writes for this is up to its version; findUnstorable keeps it out of every body. */
  const poison = { _bsontype: 1 };
  const outcomes = async (work: readonly Promise<unknown>[]) =>
    (await Promise.allSettled(work)).map((one) => (one.status === 'fulfilled' ? 'done' : one.reason.name));

  it('are kept when one of them cannot be made into bytes, and only that one fails', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `beside-${n}`);
    const accepts = ids.map((id, n) =>
      records.accept(pendingRecord(id, n === 37 ? { body: { id, poison } } : {})),
    );
    expect(await outcomes(accepts)).toEqual(ids.map((_, n) => (n === 37 ? 'BSONVersionError' : 'done')));
    const kept = await Promise.all(ids.map((id) => records.find(id)));
    expect(kept.flatMap((record, n) => (record === undefined ? [n] : []))).toEqual([37]);
  });

  it('are kept when the database refuses one of them, and only that one fails', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => `refused-${n}`);
    const accepts = ids.map((id, n) =>
      records.accept(pendingRecord(id, n === 7 ? { _id: [id] as never } : {})),
    );
    expect(await outcomes(accepts)).toEqual(ids.map((_, n) => (n === 7 ? 'MongoServerError' : 'done')));
  });

  it('become final when the answer of one of them cannot be stored', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => `final-${n}`);
    await Promise.all(ids.map((id) => records.accept(pendingRecord(id))));
    const bad = { ...done, result: { status: 200, body: { poison } } };
    const won = await outcomes(ids.map((id, n) => records.finalize(id, n === 7 ? bad : done)));
    expect(won).toEqual(ids.map((_, n) => (n === 7 ? 'BSONVersionError' : 'done')));
    const states = await Promise.all(ids.map(async (id) => (await records.find(id))?.state));
    expect(states).toEqual(ids.map((_, n) => (n === 7 ? 'accepted' : 'completed')));
  });

  it('go in several commands when they are too many bytes for one', async () => {
    const sizes: number[] = [];
    const measure = ({ command }: { command: Record<string, unknown> }) =>
      void (command.insert && sizes.push(BSON.calculateObjectSize(command)));
    database.connection.getClient().on('commandStarted', measure);
    const text = 'x'.repeat(450_000);
    const ids = Array.from({ length: 12 }, (_, n) => `large-${n}`);
    await Promise.all(ids.map((id) => records.accept(pendingRecord(id, { body: { id, text } }))));
    database.connection.getClient().off('commandStarted', measure);
    expect(await records.find('large-11')).toMatchObject({ body: { text } });
    expect(sizes.length).toBeLessThan(12);
    expect(Math.max(...sizes)).toBeLessThan(4_100_000);
  });
});

describe('a list in MongoDB', () => {
  it('goes on behind a document, also among those of one moment', async () => {
    const records = createMongoRecords(database, `listed-${randomUUID()}`);
    await records.prepare();
    const kept = ['b', 'a', 'd', 'c'].map((id) => pendingRecord(id));
    for (const record of [
      ...kept,
      pendingRecord('0', { at: later(1) }),
      pendingRecord('z', { at: later(-1) }),
    ])
      await records.accept(record);
    const ids = async (after?: { at: Date; id: string }) =>
      (await records.list('accepted', 3, after)).map(({ _id }) => _id);
    expect(await ids()).toEqual(['z', 'a', 'b']);
    expect(await ids({ at, id: 'b' })).toEqual(['c', 'd', '0']);
    expect(await ids({ at, id: 'd' })).toEqual(['0']);
    expect(await ids({ at: later(1), id: '0' })).toEqual([]);
  });
});

describe('every write to MongoDB', () => {
  it('asks for the majority and the journal', () => {
    const writes = commands.filter(({ name }) =>
      ['insert', 'update', 'findAndModify', 'delete'].includes(name),
    );
    expect(writes.length).toBeGreaterThan(20);
    const weak = writes.filter(
      ({ writeConcern }) => JSON.stringify(writeConcern) !== '{"w":"majority","j":true}',
    );
    expect(weak).toEqual([]);
  });
});

describe('every command to MongoDB', () => {
  it('ends there before anybody here stops waiting, the building of an index excepted', async () => {
    const records = createMongoRecords(database, `bounded-${randomUUID()}`);
    await records.reclaim('me/', at);
    await records.backlog(at);
    await records.list('accepted', 1);
    await database.ping();
    const leases = createMongoLeases(database, { holder: 'me', clock: () => at.getTime() });
    await leases.ask('a→b', 5000);
    await leases.publish('a→b', 'well');
    const bounds = new Map<string, Set<unknown>>();
    for (const { name, maxTimeMS } of commands)
      bounds.set(name, (bounds.get(name) ?? new Set()).add(maxTimeMS));
    expect(Object.fromEntries(bounds)).toEqual({
      create: new Set([undefined]),
      createIndexes: new Set([undefined]),
      ...Object.fromEntries(
        ['insert', 'update', 'findAndModify', 'find', 'aggregate', 'ping'].map((name) => [
          name,
          new Set([ample.serverMs]),
        ]),
      ),
    });
  });
});
