/**
 * The records in MongoDB: the operations of `Records`, and those of a start and of an operator.
 *
 * The business id is the `_id`: a secondary unique index would allow duplicates until it is built. Inserting and
 * finalizing are in record-writes.ts.
 */
import { type Query, trusted } from 'mongoose';
import {
  type HopRecord,
  type Lease,
  type ListPosition,
  type Outbox,
  probeTiers,
  type Records,
  type State,
} from '../delivery/record.ts';
import type { Database } from './database.ts';
import { recordSchema } from './record-schema.ts';
import { createRecordWrites } from './record-writes.ts';
import { createStateCounter, type StateCounter } from './state-counts.ts';

/** Counting stops here, because it takes the database some microseconds per document. */
const maxCounted = 20_000;

/** Work that is pending. */
export interface Backlog {
  /** At most 20,000, which then means at least so many. */
  readonly pending: number;
  /** Age of the oldest in milliseconds; 0 without any. */
  readonly oldestMs: number;
}

/** Records with the operations of a start and of an operator. */
export interface MongoRecords extends Records, StateCounter {
  /** Builds the indexes. */
  prepare(): Promise<void>;
  /** Counts the documents that are not final and finds the oldest. */
  backlog(now: Date): Promise<Backlog>;
  /** The oldest documents in a state, or the oldest after `after`, at most `limit`. */
  list(state: State, limit: number, after?: ListPosition): Promise<HopRecord[]>;
}

/** Opens the records in `collection`; the database need not be connected yet. */
export function createMongoRecords(
  { connection, timeLimits, bounded }: Database,
  collection: string,
): MongoRecords {
  const bound = recordSchema.clone().pre(/^(find|update|count)/, function (this: Query<unknown, HopRecord>) {
    this.maxTimeMS(timeLimits.serverMs);
  });
  const model = connection.model<HopRecord>(collection, bound, collection);
  const writes = createRecordWrites({ connection, timeLimits }, model);

  async function repeat(id: string): Promise<HopRecord | undefined> {
    const found = await model
      .findByIdAndUpdate(id, { $inc: { dups: 1 } }, { returnDocument: 'after' })
      .lean();
    return (found as HopRecord | null) ?? undefined;
  }

  async function claim({ by, due }: Lease, now: Date, only = {}): Promise<HopRecord | undefined> {
    // As it was before, because that says who held it; what the update makes of it is known.
    const before = (await model
      .findOneAndUpdate(
        { 'out.due': trusted({ $lte: now }), ...only },
        { $set: { 'out.by': by, 'out.due': due }, $inc: { 'out.n': 1 } },
        { sort: { 'out.due': 1 }, returnDocument: 'before' },
      )
      .lean()) as (HopRecord & { readonly out: Outbox }) | null;
    if (before === null) return undefined;
    const { out } = before;
    const takenFrom = out.by === null || out.by === undefined ? {} : { takenFrom: out.by };
    return { ...before, out: { ...out, by, due, n: out.n + 1, ...takenFrom } };
  }

  function endLeases(holder: string, now: Date, change = {}): Promise<void> {
    return bounded(null, async () => {
      const own = trusted({ $gte: holder, $lt: `${holder}\uffff` });
      await model.updateMany(
        { 'out.due': trusted({ $exists: true }), 'out.by': own },
        { $set: { 'out.due': now, 'out.by': null }, ...change },
      );
    });
  }

  return {
    ...createStateCounter({ bounded, timeLimits }, model),

    prepare: () => bounded(null, () => model.createIndexes()),

    reclaim: (holder, now) => endLeases(holder, now, { $inc: { 'out.ended': 1 } }),
    release: (holder, now) => endLeases(holder, now),

    sweep: (now, { leaseMs, waitMs }) =>
      bounded(null, async () => {
        const after = (ms: number) => new Date(now.getTime() + ms);
        const beyond = (ms: number) => ({ 'out.due': trusted({ $gt: after(ms) }) });
        await model.updateMany(
          { ...beyond(leaseMs), 'out.by': trusted({ $ne: null }) },
          { $set: { 'out.due': after(leaseMs) } },
        );
        await model.updateMany({ ...beyond(waitMs), 'out.by': null }, { $set: { 'out.due': now } });
      }),

    accept: (record) =>
      bounded(null, async (givenUp) => {
        if (await writes.insert(record, givenUp)) return undefined;
        const found = await repeat(record._id);
        if (found === undefined) throw new Error(`"${record._id}" was there and is gone.`);
        return found;
      }),

    repeat: (id) => bounded(null, () => repeat(id)),

    backlog: (now) =>
      bounded(false, async () => {
        const pending = await model.countDocuments({ state: 'accepted' }, { limit: maxCounted });
        const oldest =
          pending === 0 ? null : await model.findOne({ state: 'accepted' }).sort({ at: 1 }).lean();
        return { pending, oldestMs: oldest === null ? 0 : now.getTime() - oldest.at.getTime() };
      }),

    list: (state, limit, after) =>
      bounded(
        false,
        async () =>
          (await model
            .find({ state, ...(after === undefined ? {} : toConditionAfter(after)) })
            .sort({ at: 1, _id: 1 })
            .limit(limit)
            .lean()) as unknown as HopRecord[],
      ),

    find: (id) =>
      bounded(false, async () => ((await model.findById(id).lean()) as HopRecord | null) ?? undefined),

    finalize: (id, finalState) => bounded(null, (givenUp) => writes.finalize({ id, finalState }, givenUp)),

    claim: (lease, now, { leastFailed } = { leastFailed: false }) =>
      bounded(null, async () => {
        for (const most of leastFailed ? probeTiers : []) {
          const claimed = await claim(lease, now, { 'out.fails': trusted({ $lte: most }) });
          if (claimed !== undefined) return claimed;
        }
        return claim(lease, now);
      }),

    reschedule: (id, by, { due, err, kind }) =>
      bounded(null, async () => {
        await model.updateOne(
          { _id: id, state: 'accepted', 'out.by': by },
          {
            $set: { 'out.due': due, 'out.by': null, 'out.err': err, 'out.ended': 0, ...cleared[kind] },
            $inc: counted[kind],
          },
        );
      }),

    deadLetter: (id, by, reason, at) =>
      bounded(null, async () => {
        await model.updateOne(
          { _id: id, state: 'accepted', 'out.by': by },
          { $set: { state: 'dead', doneAt: at, 'out.due': null, 'out.by': null, 'out.err': reason } },
        );
      }),
  };
}

/** The condition for documents after a position; `at` alone lets the index start there. */
function toConditionAfter({ at, id }: ListPosition) {
  return {
    at: trusted({ $gte: at }),
    $or: [{ at: trusted({ $gt: at }) }, { at, _id: trusted({ $gt: id }) }],
  };
}

/** The counters that a report changes, by its kind. */
const counted = {
  failed: { 'out.fails': 1 },
  'not-taken': { 'out.fails': 1, 'out.refusals': 1 },
  waiting: { 'out.n': -1 },
  'not-sent': { 'out.n': -1 },
} as const;

/** The counters that a report resets: any other report ends a row of `not-taken`. */
const cleared = {
  failed: { 'out.refusals': 0 },
  'not-taken': {},
  waiting: { 'out.refusals': 0 },
  'not-sent': {},
} as const;
