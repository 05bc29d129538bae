/** Final states on their way to the store: how many, for how long, and what happens to those that cannot be stored. */
import { describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../../src/core/errors.ts';
import type { FinalState, HopRecord, Records } from '../../../src/delivery/record.ts';
import { createUnsettled } from '../../../src/delivery/unsettled.ts';
import { createWorld } from '../../simulation/world.ts';

const at = new Date('2026-11-21T12:00:00Z');
const completed: FinalState = {
  state: 'completed',
  result: { status: 200, body: { message: 'done' } },
  ledger: { t: 'capture', amount: 5, at },
  at,
};
const pending = (id: string): HopRecord => ({
  _id: id,
  v: 1,
  fp: '',
  parent: null,
  body: { id },
  state: 'accepted',
  result: null,
  ledger: [{ t: 'charge', amount: 5, at }],
  out: { due: at, by: 'me', n: 1, fails: 0, firstAt: at, hop: 1, via: [] },
  dups: 0,
  at,
});
const away = () => new StoreUnavailableError('The database is away.', { saved: null });

/** Unsettled states in virtual time over a store that takes 10 ms for each write and does what `finalize` says. */
function createHarness(max = 2) {
  const world = createWorld(1);
  const seen = { tries: [] as string[], alarms: [] as string[] };
  let stored: HopRecord | undefined = pending('a');
  let finalize: (id: string) => boolean = () => true;
  const records = {
    async finalize(id) {
      seen.tries.push(`${id}@${world.now()}`);
      await world.sleep(10);
      return finalize(id);
    },
    async find() {
      return stored;
    },
  } as Partial<Records> as Records;
  const unsettled = createUnsettled({
    records,
    max,
    sleep: (ms, signal) =>
      Promise.race([
        world.sleep(ms),
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve());
          if (signal.aborted) resolve();
        }),
      ]),
    alarm: (id, reason) => void seen.alarms.push(`${id}: ${reason}`),
  });
  return {
    world,
    seen,
    unsettled,
    defer: (id: string) => unsettled.defer(id, completed),
    behave(now: (id: string) => boolean) {
      finalize = now;
    },
    keep(record: HopRecord | undefined) {
      stored = record;
    },
  };
}

describe('a final state on its way', () => {
  it('waits a moment for others, with which it is stored', async () => {
    const { defer, seen, world } = createHarness();
    defer('a');
    world.at(15, () => void defer('b'));
    await world.run(1000);
    expect(seen.tries).toEqual(['a@20', 'b@20']);
  });

  it('is laid over what is read: state, answer and ledger, and nothing is left to do', async () => {
    const { unsettled, defer, world } = createHarness();
    expect(defer('a')).toBe(true);
    const { out: _, ...rest } = pending('a');
    const ledger = [...(rest.ledger ?? []), completed.ledger];
    expect(await unsettled.records.find('a')).toEqual({
      ...rest,
      state: 'completed',
      result: completed.result,
      ledger,
      doneAt: at,
    });
    await world.run(30);
    expect(await unsettled.records.find('a')).toEqual(pending('a'));
  });

  it('is laid over a read that began before it was stored and ends after', async () => {
    const { unsettled, defer, world } = createHarness();
    defer('a');
    const read = unsettled.records.find('a');
    await world.run(30);
    expect((await read)?.state).toBe('completed');
  });

  it('is one of a bounded number; then there is room again', async () => {
    const { defer, world } = createHarness(2);
    expect([defer('a'), defer('b'), defer('c')]).toEqual([true, true, false]);
    await world.run(30);
    expect(defer('c')).toBe(true);
  });
});

describe('a final state that cannot be stored', () => {
  it('is tried again, less and less often, and alone until it is stored', async () => {
    const { defer, behave, seen, world } = createHarness();
    behave(() => {
      throw away();
    });
    defer('a');
    expect(defer('b')).toBe(true); // nothing has failed yet
    await world.run(800);
    expect(seen.tries.filter((one) => one.startsWith('a'))).toEqual(['a@20', 'a@130', 'a@340', 'a@750']);
    expect(defer('c')).toBe(false);
    behave(() => true);
    await world.run(2000);
    expect(defer('c')).toBe(true);
    expect(seen.alarms).toEqual([]);
  });

  it('is tried at least every five seconds', async () => {
    const { defer, behave, seen, world } = createHarness();
    behave(() => {
      throw away();
    });
    defer('a');
    await world.run(60_000);
    const [last = '', before = ''] = seen.tries.toReversed();
    expect(Number(last.slice(2)) - Number(before.slice(2))).toBe(5010);
  });

  it('alarms at once when it never can be', async () => {
    const { defer, behave, seen, world } = createHarness();
    behave(() => {
      throw new RangeError('too large');
    });
    defer('a');
    await world.run(10_000);
    expect([seen.tries, seen.alarms]).toEqual([['a@20'], ['a: it cannot be stored: too large']]);
  });
});

describe('a document that is final already', () => {
  const stored = { ...pending('a'), state: 'completed', result: completed.result } as const;
  it.each([
    ['is silent when it says the same', stored, []],
    [
      'alarms when it says something else',
      { ...stored, state: 'cancelled', result: { status: 422, body: {} } } as const,
      ['a: it is cancelled with another answer'],
    ],
    ['alarms when it is gone', undefined, ['a: it is gone']],
  ])('%s', async (_what, kept, alarms) => {
    const { defer, behave, keep, seen, world } = createHarness();
    behave(() => false);
    keep(kept);
    defer('a');
    await world.run(10_000);
    expect([seen.tries, seen.alarms]).toEqual([['a@20'], alarms]);
  });
});

describe('at the end of the process', () => {
  it('everything is stored first, and nothing more is taken', async () => {
    const { unsettled, defer, seen, world } = createHarness();
    defer('a');
    const stopped = unsettled.stop().then(() => world.now());
    expect(defer('b')).toBe(false);
    await world.run(1000);
    expect([await stopped, seen.tries]).toEqual([10, ['a@0']]);
  });

  it('what has failed gets one more try at once', async () => {
    const { unsettled, defer, behave, seen, world } = createHarness();
    behave(() => {
      throw away();
    });
    defer('a');
    await world.run(400);
    const stopped = unsettled.stop().then(() => world.now());
    await world.run(10_000);
    expect(seen.tries.slice(3)).toEqual(['a@350']);
    expect(await stopped).toBe(360);
  });
});
