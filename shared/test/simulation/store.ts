/**
 * A simulated database for one collection: writes are seen at once, durable at the next flush, acknowledged after it,
 * and what was not flushed is gone after a crash. Answers can be lost on their way.
 */
import { StoreUnavailableError } from '../../src/core/errors.ts';
import { type HopRecord, type Outbox, probeTiers, type Records } from '../../src/delivery/record.ts';
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
  /** How many calls have failed: what they would have written may be there or not. */
  readonly failures: number;
  /** The collection as one process sees it; a dead process gets no answer, a paused one gets it late. */
  connect(process: SimProcess): Records;
  /** Loses everything that was not flushed. */
  crash(): void;
  /**
   * Until then every call takes up to twice the time after which its caller gives up: most of what is given up is
   * applied all the same.
   */
  slowUntil(at: number): void;
}

/** How long a caller waits for a slow database, in milliseconds. */
const giveUpMs = 60;

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
  let slowEnd = 0;
  let failures = 0;

  const fail = (why: string) => {
    failures += 1;
    return away(why);
  };

  const flush = () => {
    durable = new Map(seen);
  };

  /** Mostly quick, sometimes a slow disk: the time in which a write is seen and not yet safe. */
  const flushMs = () => (world.chance(0.1) ? world.between(20, 600) : world.between(1, 6));

  /** One call: a way there, the work, for a write the flush, a way back. */
  function call<T>(process: SimProcess, isWrite: boolean, work: () => T): Promise<T> {
    if (world.now() >= slowEnd) return perform(process, isWrite, work);
    const performed = world.sleep(world.between(0, giveUpMs * 2)).then(() => perform(process, isWrite, work));
    performed.catch(() => undefined); // nobody waits for it any more
    const givenUp = world.sleep(giveUpMs).then(() => throwAway(process));
    return Promise.race([performed, givenUp]);
  }

  function throwAway(process: SimProcess): Promise<never> {
    if (!process.isAlive()) return never();
    throw fail('no answer in time');
  }

  async function perform<T>(process: SimProcess, isWrite: boolean, work: () => T): Promise<T> {
    await world.sleep(world.between(0, 3) + process.pausedMs());
    if (!process.isAlive()) return never();
    if (world.chance(faultRatio() / 2)) throw fail('it was not reached');
    const begun = epoch;
    const result = work();
    if (isWrite) {
      const flushed = world.sleep(flushMs()).then(() => epoch === begun && flush());
      if (mutation !== 'unjournaled-writes') {
        await flushed;
        if (epoch !== begun) throw fail('it crashed before the flush');
      }
    }
    await world.sleep(world.between(0, 3) + process.pausedMs());
    if (!process.isAlive()) return never();
    if (world.chance(faultRatio() / 2)) throw fail('the answer was lost');
    return result;
  }

  const put = (record: HopRecord) => void seen.set(record._id, record);

  /** Changes the outbox of every pending document that is chosen. */
  const change = (isChosen: (out: Outbox) => boolean, changed: (out: Outbox) => Partial<Outbox>) => {
    for (const record of seen.values()) {
      const { out } = record;
      if (out?.due != null && isChosen(out)) put({ ...record, out: { ...out, ...changed(out) } });
    }
  };

  return {
    get durable() {
      return durable;
    },
    doubled,
    get failures() {
      return failures;
    },
    crash() {
      epoch += 1;
      seen = new Map(durable);
    },
    slowUntil(at) {
      slowEnd = at;
    },
    connect(process) {
      const write = <T>(work: () => T) => call(process, true, work);
      const read = <T>(work: () => T) => call(process, false, work);
      const endLeases = (holder: string, due: Date, count: number) =>
        write(() =>
          change(
            ({ by }) => by?.startsWith(holder) === true,
            ({ ended = 0 }) => ({ due, by: null, ...(count === 0 ? {} : { ended: ended + count }) }),
          ),
        );
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
            if (existing === undefined) throw fail('it was there and is gone');
            put({ ...existing, dups: existing.dups + 1 });
            return existing;
          });
        },
        find: (id) => read(() => seen.get(id)),
        repeat: (id) =>
          write(() => {
            const existing = seen.get(id);
            if (existing === undefined) return undefined;
            const repeated = { ...existing, dups: existing.dups + 1 };
            put(repeated);
            return repeated;
          }),
        reclaim: (holder, now) => endLeases(holder, now, 1),
        release: (holder, now) => endLeases(holder, now, 0),
        sweep: (now, { leaseMs, waitMs }) =>
          write(() => {
            if (mutation === 'nothing-is-swept') return;
            const after = (ms: number) => new Date(now.getTime() + ms);
            const isBeyond = ({ due }: Outbox, ms: number) => due !== null && due > after(ms);
            change(
              (out) => out.by !== null && isBeyond(out, leaseMs),
              () => ({ due: after(leaseMs) }),
            );
            change(
              (out) => out.by === null && isBeyond(out, waitMs),
              () => ({ due: now }),
            );
          }),
        finalize: (id, { state, result, ledger, at }) =>
          write(() => {
            const record = seen.get(id);
            if (record === undefined) return false;
            const isOpen = record.state === 'accepted' || record.state === 'dead';
            if (!isOpen && mutation !== 'finalize-without-guard') return false;
            const { out: _, ...rest } = record;
            const entries = [...(record.ledger ?? []), ...(ledger === undefined ? [] : [ledger])];
            put({ ...rest, state, result, doneAt: at, ...(entries.length > 0 ? { ledger: entries } : {}) });
            return true;
          }),
        reschedule: (id, by, { due, err, kind }) =>
          write(() => {
            const record = seen.get(id);
            if (record?.out === undefined || record.state !== 'accepted' || record.out.by !== by) return;
            const { n, fails, refusals = 0 } = record.out;
            const counts = {
              failed: { fails: fails + 1, refusals: 0 },
              'not-taken': { fails: fails + 1, refusals: refusals + 1 },
              waiting: { n: n - 1, refusals: 0 },
              'not-sent': { n: n - 1 },
            };
            put({ ...record, out: { ...record.out, ...counts[kind], ended: 0, due, err, by: null } });
          }),
        claim: ({ by, due }, now, { leastFailed } = { leastFailed: false }) =>
          write(() => {
            const waiting = [...seen.values()]
              .filter(({ out }) => out?.due != null && out.due <= now)
              .sort((a, b) => Number(a.out?.due) - Number(b.out?.due));
            const tiers = [...(leastFailed ? probeTiers : []), Number.POSITIVE_INFINITY];
            const first = tiers
              .map((most) => waiting.find(({ out }) => (out?.fails ?? 0) <= most))
              .find((found) => found !== undefined);
            if (first?.out === undefined) return undefined;
            onClaim(first);
            const counted =
              mutation === 'claims-count-as-deaths' ? { ended: (first.out.ended ?? 0) + 1 } : {};
            const claimed = { ...first, out: { ...first.out, ...counted, by, due, n: first.out.n + 1 } };
            put(claimed);
            const takenFrom = first.out.by === null ? {} : { takenFrom: first.out.by };
            return { ...claimed, out: { ...claimed.out, ...takenFrom } };
          }),
        deadLetter: (id, by, reason, at) =>
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
