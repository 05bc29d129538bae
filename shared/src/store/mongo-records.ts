/**
 * The records in MongoDB. Only this file, database.ts and mongo-fault.ts import mongoose.
 *
 * The business id is the `_id`: a secondary unique index would allow duplicates until it is built. Every write asks for
 * `{w: 'majority', j: true}`: with less, a document could be lost in a crash after it was answered.
 */
import { isDeepStrictEqual } from 'node:util';
import { mongo, type Query, Schema, trusted } from 'mongoose';
import {
  type FinalState,
  type HopRecord,
  type Lease,
  type ListPosition,
  probeTiers,
  type Records,
  type State,
} from '../delivery/record.ts';
import type { Database } from './database.ts';
import { groupCommit } from './group-commit.ts';
import { isDefinite, toWriteFault } from './mongo-fault.ts';

/** Counting stops here, because it takes the database some microseconds per document. */
const maxCounted = 20_000;

const durable = { w: 'majority', j: true } as const;

const shape = new Schema<HopRecord>(
  {
    _id: { type: String, required: true },
    v: { type: Number, required: true },
    fp: { type: String, required: true },
    parent: { type: String, default: null },
    body: { type: Schema.Types.Mixed, required: true },
    state: { type: String, required: true },
    result: { type: Schema.Types.Mixed, default: null },
    ledger: { type: [{ t: String, amount: Number, at: Date, _id: false }], default: undefined },
    out: {
      type: new Schema(
        {
          due: Date,
          by: String,
          n: Number,
          fails: Number,
          refusals: Number,
          ended: Number,
          firstAt: Date,
          hop: Number,
          via: [String],
          err: String,
        },
        { _id: false },
      ),
    },
    dups: { type: Number, required: true },
    at: { type: Date, required: true },
    doneAt: Date,
  },
  { id: false, versionKey: false, minimize: false, strict: 'throw', autoIndex: false, writeConcern: durable },
)
  .index({ 'out.due': 1 }, { partialFilterExpression: { 'out.due': { $exists: true } } })
  .index({ state: 1, at: 1, _id: 1 });

/** Work that is pending. */
export interface Backlog {
  /** At most 20,000, which then means at least so many. */
  readonly pending: number;
  /** Age of the oldest in milliseconds; 0 without any. */
  readonly oldestMs: number;
}

/** Records with the operations of a start and of an operator. */
export interface MongoRecords extends Records {
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
  const bound = shape.clone().pre(/^(find|update|count)/, function (this: Query<unknown, HopRecord>) {
    this.maxTimeMS(timeLimits.serverMs);
  });
  const model = connection.model<HopRecord>(collection, bound, collection);

  /** Inserts documents; resolves for each to whether its id was free. */
  const insert = groupCommit(
    { ...limits, sizeOf: (record: HopRecord) => mongo.BSON.calculateObjectSize(record) },
    async (records) => {
      const faults = toFaults(await run({ insert: collection, documents: records, ordered: false }));
      return records.map((_, index) => {
        const fault = faults.get(index);
        return fault === undefined || (fault.code !== duplicateKey && toWriteFault(fault));
      });
    },
  );

  /** Makes documents final; resolves for each to whether it was not final before. */
  const finalize = groupCommit(
    { ...limits, sizeOf: (write: FinalWrite) => mongo.BSON.calculateObjectSize(toUpdate(write)) },
    async (writes) => {
      const reply = await run({ update: collection, updates: writes.map(toUpdate), ordered: false });
      const faults = toFaults(reply);
      const failed = (index: number) => {
        const fault = faults.get(index);
        return fault && toWriteFault(fault);
      };
      if (writes.length === 1) return [failed(0) ?? reply.n === 1];
      if (reply.n === writes.length - faults.size) return writes.map((_, index) => failed(index) ?? true);
      // The reply only counts the updated documents of the whole group; which ones they are is read from the documents.
      return Promise.all(writes.map((write, index) => failed(index) ?? isStored(write).catch(toError)));
    },
  );

  async function isStored({ id, finalState }: FinalWrite): Promise<boolean> {
    const stored = (await model.findById(id).lean()) as HopRecord | null;
    const isSameTime = stored?.doneAt?.getTime() === finalState.at.getTime();
    return isSameTime && isDeepStrictEqual(stored?.result, finalState.result);
  }

  async function repeat(id: string): Promise<HopRecord | undefined> {
    const found = await model
      .findByIdAndUpdate(id, { $inc: { dups: 1 } }, { returnDocument: 'after' })
      .lean();
    return (found as HopRecord | null) ?? undefined;
  }

  async function claim({ by, due }: Lease, now: Date, only = {}): Promise<HopRecord | undefined> {
    const claimed = await model
      .findOneAndUpdate(
        { 'out.due': trusted({ $lte: now }), ...only },
        { $set: { 'out.by': by, 'out.due': due }, $inc: { 'out.n': 1 } },
        { sort: { 'out.due': 1 }, returnDocument: 'after' },
      )
      .lean();
    return (claimed as HopRecord | null) ?? undefined;
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

  async function run(command: Record<string, unknown>): Promise<WriteReply> {
    if (connection.db === undefined) throw new Error('not connected');
    const reply = (await connection.db.command({
      ...command,
      writeConcern: durable,
      maxTimeMS: timeLimits.serverMs,
    })) as WriteReply;
    if (reply.writeConcernError !== undefined) throw new Error(reply.writeConcernError.errmsg);
    return reply;
  }

  return {
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
        if (await insert(record, givenUp)) return undefined;
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

    finalize: (id, finalState) => bounded(null, (givenUp) => finalize({ id, finalState }, givenUp)),

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

interface FinalWrite {
  readonly id: string;
  readonly finalState: FinalState;
}

function toUpdate({ id, finalState: { state, result, ledger, at } }: FinalWrite) {
  return {
    q: { _id: id, state: { $in: ['accepted', 'dead'] } },
    u: {
      $set: { state, result, doneAt: at },
      $unset: { out: 1 },
      ...(ledger === undefined ? {} : { $push: { ledger } }),
    },
  };
}

/** The condition for documents after a position; `at` alone lets the index start there. */
function toConditionAfter({ at, id }: ListPosition) {
  return {
    at: trusted({ $gte: at }),
    $or: [{ at: trusted({ $gt: at }) }, { at, _id: trusted({ $gt: id }) }],
  };
}

interface WriteFault {
  readonly index: number;
  readonly code: number;
  readonly errmsg: string;
}

/** The reply to a write command, as the server gives it. */
interface WriteReply {
  readonly n: number;
  readonly writeErrors?: readonly WriteFault[];
  readonly writeConcernError?: { readonly errmsg: string };
}

function toFaults({ writeErrors = [] }: WriteReply): ReadonlyMap<number, WriteFault> {
  return new Map(writeErrors.map((fault) => [fault.index, fault]));
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

const duplicateKey = 11000;

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

/**
 * Two commands in flight, so that a hung connection does not block all writes. A command is one BSON document of at
 * most 16 MiB; a quarter of that is as fast, and smaller writes wait less behind large ones.
 */
const limits = { maxInFlight: 2, maxWrites: 256, maxBytes: 4_000_000, isUndone: isDefinite } as const;
