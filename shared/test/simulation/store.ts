/**
 * A simulated database for one collection: writes are seen at once, durable at the next flush, acknowledged after it,
 * and what was not flushed is gone after a crash. Answers can be lost on their way.
 */
import { StoreUnavailableError } from '../../src/errors.ts';
import type { HopRecord, Records } from '../../src/record.ts';
import type { Mutation } from './mutations.ts';
import type { World } from './world.ts';

/** What a store needs to know about the process that calls it. */
export interface SimProcess {
  isAlive(): boolean;
  /** Milliseconds for which the process stands still from now on. */
  pausedMs(): number;
}

/** One collection that outlives the processes that use it. */
export interface SimStore {
  /** What the disk holds. */
  readonly durable: ReadonlyMap<string, HopRecord>;
  /** Documents that were inserted beside one of the same id. */
  readonly doubled: ReadonlySet<string>;
  /** The collection as one process sees it; a dead process gets no answer, a paused one gets it late. */
  connect(process: SimProcess): Records;
  /** Loses everything that was not flushed. */
  crash(): void;
}

/**
 * Creates an empty collection. `faultRatio` is asked at every call: the share of calls that go wrong just now; `onClaim`
 * sees what is claimed as it was before.
 */
export function createSimStore(
  world: World,
  faultRatio: () => number,
  mutation: Mutation,
  onClaim: (before: HopRecord) => void = () => undefined,
): SimStore {
  let seen = new Map<string, HopRecord>();
  let durable = new Map<string, HopRecord>();
  const doubled = new Set<string>();
  let epoch = 0;

  const flush = () => {
    durable = new Map(seen);
  };

  /** Mostly quick, sometimes a slow disk: the time in which a write is seen and not yet safe. */
  const flushMs = () => (world.chance(0.1) ? world.between(20, 600) : world.between(1, 6));

  /** One call: a way there, the work, for a write the flush, a way back. */
  async function call<T>(process: SimProcess, isWrite: boolean, work: () => T): Promise<T> {
    await world.sleep(world.between(0, 3) + process.pausedMs());
    if (!process.isAlive()) return never();
    if (world.chance(faultRatio() / 2)) throw away('it was not reached');
    const begun = epoch;
    const result = work();
    if (isWrite) {
      const flushed = world.sleep(flushMs()).then(() => epoch === begun && flush());
      if (mutation !== 'unjournaled-writes') {
        await flushed;
        if (epoch !== begun) throw away('it crashed before the flush');
      }
    }
    await world.sleep(world.between(0, 3) + process.pausedMs());
    if (!process.isAlive()) return never();
    if (world.chance(faultRatio() / 2)) throw away('the answer was lost');
    return result;
  }

  const put = (record: HopRecord) => void seen.set(record._id, record);

  return {
    get durable() {
      return durable;
    },
    doubled,
    crash() {
      epoch += 1;
      seen = new Map(durable);
    },
    connect(process) {
      const write = <T>(work: () => T) => call(process, true, work);
      const read = <T>(work: () => T) => call(process, false, work);
      return {
        async accept(record) {
          if (mutation === 'refusal-not-stored' && record.state === 'rejected') return undefined;
          // A duplicate key is found without a flush: nothing was written, and what was found may not be safe yet.
          const known = await read(() => (mutation === 'no-unique-id' ? undefined : seen.get(record._id)));
          const found =
            known ??
            (await write(() => {
              const existing = seen.get(record._id);
              if (existing !== undefined && mutation !== 'no-unique-id') return existing;
              if (existing !== undefined) doubled.add(record._id);
              put(record);
              return undefined;
            }));
          if (found === undefined) return undefined;
          if (mutation === 'duplicate-after-read') return found;
          return write(() => {
            const existing = seen.get(record._id);
            if (existing === undefined) throw away('it was there and is gone');
            put({ ...existing, dups: existing.dups + 1 });
            return existing;
          });
        },
        find: (id) => read(() => seen.get(id)),
        settle: (id, { state, result, ledger, at }) =>
          write(() => {
            const record = seen.get(id);
            if (record === undefined) return false;
            if (record.state !== 'accepted' && mutation !== 'settle-without-guard') return false;
            const { out: _, ...rest } = record;
            const entries = [...(record.ledger ?? []), ...(ledger === undefined ? [] : [ledger])];
            put({ ...rest, state, result, doneAt: at, ...(entries.length > 0 ? { ledger: entries } : {}) });
            return true;
          }),
        reschedule: (id, by, { due, err, kind }) =>
          write(() => {
            const record = seen.get(id);
            if (record?.out === undefined || record.state !== 'accepted' || record.out.by !== by) return;
            const count = kind === 'failed' ? { fails: record.out.fails + 1 } : { n: record.out.n - 1 };
            put({ ...record, out: { ...record.out, ...count, due, err, by: null } });
          }),
        claim: ({ by, due }, now) =>
          write(() => {
            const waiting = [...seen.values()].filter(({ out }) => out?.due != null && out.due <= now);
            const [first] = waiting.sort((a, b) => Number(a.out?.due) - Number(b.out?.due));
            if (first?.out === undefined) return undefined;
            onClaim(first);
            const claimed = { ...first, out: { ...first.out, by, due, n: first.out.n + 1 } };
            put(claimed);
            return claimed;
          }),
        bury: (id, by, reason, at) =>
          write(() => {
            const record = seen.get(id);
            if (record?.out === undefined || record.out.by !== by) return;
            put({
              ...record,
              state: 'dead',
              doneAt: at,
              out: { ...record.out, by: null, due: null, err: reason },
            });
          }),
      };
    },
  };
}

function away(why: string): StoreUnavailableError {
  return new StoreUnavailableError(`The database is away (${why}).`, { saved: null });
}

/** A process that died gets no answer and does nothing more. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
