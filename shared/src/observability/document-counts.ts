/**
 * How many documents a service keeps in each state, true and cheap with any number of them.
 *
 * A final document never changes. So the documents that are older than every unfinished one, less a margin for clocks
 * that are wrong and writes that are under way, are counted once and frozen; a refresh counts the younger ones only.
 * Whatever contradicts a frozen count (an operator put a dead document back) has all counted anew, and so it is done now
 * and then without a reason. Counting goes in slices with pauses, so that it never loads the database.
 */
import { states } from '../delivery/record.ts';
import type { Clock } from '../resilience/deadline.ts';
import { noDocuments, type StateCounter, type StateCounts, type TimeRange } from '../store/state-counts.ts';

/** What counting needs. */
export interface DocumentCountsOptions {
  readonly records: StateCounter;
  /** The wall clock, by which documents are stored. */
  readonly clock: Clock;
  /** Milliseconds that never run backwards. */
  readonly steadyClock: Clock;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Called when counting anew brings another number than what was frozen. */
  readonly onDifference: (sentence: string) => void;
}

/** The counts of one service. */
export interface DocumentCounts {
  /** The last counts; counts again in the background when they are old. `null` while unknown. */
  view(): StateCounts | null;
  /** As `view`, but waits a moment for fresh counts. */
  ask(): Promise<StateCounts | null>;
  stop(): void;
}

/** What is younger than this is not frozen: longer than a write takes, and than clocks of replicas differ. */
const marginMs = 15_000;
/** Counts are at least so old before they are made again, and at least so many times as old as making them took. */
const refresh = { everyMs: 1000, times: 5 } as const;
/** All is counted anew after this time, at this share of the time. */
const recount = { everyMs: 600_000, dutyRatio: 0.02 } as const;
/** Share of the time in which the first count may work. */
const firstDutyRatio = 0.25;
/** How long a question waits for fresh counts. */
const patienceMs = 500;
/** Documents in one look at the database: some milliseconds of its work. */
const slice = { aim: 1000, most: 2500 } as const;
const mostInWorld = 2 ** 31 - 1;

/** Creates the counts; nothing is counted before they are read. */
export function createDocumentCounts(options: DocumentCountsOptions): DocumentCounts {
  const { records, clock, steadyClock, sleep } = options;
  let frozen: { readonly until: number; readonly counts: StateCounts } | undefined;
  let last: StateCounts | null = null;
  let counting: Promise<void> | undefined;
  let nextAt = Number.NEGATIVE_INFINITY;
  let recountAt = Number.POSITIVE_INFINITY;
  let stopped = false;

  return {
    view() {
      begin();
      return last;
    },
    async ask() {
      begin();
      if (counting !== undefined) await Promise.race([counting, sleep(patienceMs)]);
      return last;
    },
    stop() {
      stopped = true;
    },
  };

  function begin(): void {
    if (stopped || counting !== undefined || steadyClock() < nextAt) return;
    counting = refreshNow()
      .catch(() => {
        last = null; // unknown is not the number of before
        nextAt = steadyClock() + refresh.everyMs;
      })
      .then(() => {
        counting = undefined;
      });
  }

  async function refreshNow(): Promise<void> {
    const oldest = await records.oldestIn(['accepted']);
    const until = Math.min(oldest?.getTime() ?? Number.POSITIVE_INFINITY, clock()) - marginMs;
    if (frozen !== undefined && !(await isStillFrozen(oldest))) frozen = undefined;
    if (frozen === undefined) {
      frozen = { until, counts: await countUpTo(until, firstDutyRatio) };
      recountAt = steadyClock() + recount.everyMs;
    } else if (until > frozen.until) {
      const more = await countRange(frozen.until, until, firstDutyRatio);
      frozen = { until, counts: sum(frozen.counts, more) };
    }
    // Only what every refresh counts decides how soon the next one is: what is frozen is counted once.
    const startedAt = steadyClock();
    last = sum(frozen.counts, await countRange(frozen.until, undefined, firstDutyRatio));
    const now = steadyClock();
    nextAt = now + Math.max(refresh.everyMs, (now - startedAt) * refresh.times);
    if (steadyClock() >= recountAt) void recountAll();
  }

  /** Dead documents are few, so those that are frozen are counted at every look. */
  async function isStillFrozen(oldestPending: Date | undefined): Promise<boolean> {
    if (frozen === undefined) return false;
    if (oldestPending !== undefined && oldestPending.getTime() < frozen.until) return false;
    return frozen.counts.dead === (await records.countDead(new Date(frozen.until)));
  }

  async function recountAll(): Promise<void> {
    const before = frozen;
    recountAt = Number.POSITIVE_INFINITY;
    if (before === undefined) return;
    try {
      const counts = await countUpTo(before.until, recount.dutyRatio);
      const wrong = states.filter((state) => counts[state] !== before.counts[state]);
      if (wrong.length > 0 && frozen !== undefined) {
        frozen = undefined;
        const words = wrong.map((state) => `${counts[state]} ${state} instead of ${before.counts[state]}`);
        options.onDifference(`the documents were counted anew: ${words.join(', ')}`);
      }
    } catch {
      // the database is away; it is tried again later
    } finally {
      recountAt = steadyClock() + recount.everyMs;
    }
  }

  async function countUpTo(until: number, dutyRatio: number): Promise<StateCounts> {
    const first = await records.oldestIn(states);
    return first === undefined ? noDocuments : countRange(first.getTime(), until, dutyRatio);
  }

  /** Counts in slices of time whose length follows from how many documents were in the one before. */
  async function countRange(from: number, to: number | undefined, dutyRatio: number): Promise<StateCounts> {
    let counts = noDocuments;
    let at = from;
    let widthMs = Number.POSITIVE_INFINITY;
    for (;;) {
      if (stopped) throw new Error('stopped');
      const end = Math.min(at + widthMs, to ?? Number.POSITIVE_INFINITY);
      if (end <= at) return counts;
      const startedAt = steadyClock();
      // A slice that cannot be made shorter is counted whole.
      const isShortest = end - at <= 1;
      const found = await records.countStates(toRange(at, end), isShortest ? mostInWorld : slice.most);
      const total = states.reduce((all, state) => all + found[state], 0);
      if (total >= slice.most && !isShortest) {
        const lengthMs = Number.isFinite(end) ? end - at : Math.max(2, clock() + marginMs - at);
        widthMs = Math.max(1, Math.floor(lengthMs / 8));
      } else {
        counts = sum(counts, found);
        if (end === (to ?? Number.POSITIVE_INFINITY)) return counts;
        at = end;
        widthMs = Math.max(1, widthMs * Math.min(4, slice.aim / Math.max(1, total)));
        if (at > clock() + marginMs) widthMs = Number.POSITIVE_INFINITY;
      }
      await sleep((steadyClock() - startedAt) * (1 / dutyRatio - 1));
    }
  }
}

function toRange(from: number, to: number): TimeRange {
  return { from: new Date(Math.floor(from)), to: Number.isFinite(to) ? new Date(Math.floor(to)) : undefined };
}

function sum(one: StateCounts, other: StateCounts): StateCounts {
  return Object.fromEntries(
    states.map((state) => [state, one[state] + other[state]]),
  ) as unknown as StateCounts;
}
