/**
 * The records in MongoDB. This file and database.ts are the only ones that know mongoose.
 *
 * The business id is the `_id`: a secondary unique index would leave a window before it is built. Every write asks
 * for `{w: 'majority', j: true}`: with less, an answer could be given for a document that a crash takes back.
 */
import { type Connection, mongo, Schema, trusted } from 'mongoose';
import { bounded } from './database.ts';
import type { HopRecord, Records, State } from './record.ts';

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
  .index({ state: 1, at: 1 });

/** Work that is pending. */
export interface Backlog {
  readonly pending: number;
  readonly oldestMs: number;
}

/** Records with what a service does before it serves, and what an operator asks. */
export interface MongoRecords extends Records {
  /** Builds the indexes. */
  prepare(): Promise<void>;
  /** Ends every lease whose token begins with `holder`: after a restart nobody else holds them. */
  reclaim(holder: string, now: Date): Promise<void>;
  /** How many documents still owe something, and how many milliseconds the oldest of them has. */
  backlog(now: Date): Promise<Backlog>;
  /** The oldest documents in a state, at most `limit`. */
  list(state: State, limit: number): Promise<HopRecord[]>;
}

/** Opens the records in `collection` of a connection that may not be connected yet. */
export function createMongoRecords(connection: Connection, collection: string): MongoRecords {
  const model = connection.model<HopRecord>(collection, shape, collection);

  return {
    prepare: () => bounded(null, () => model.createIndexes()),

    reclaim: (holder, now) =>
      bounded(null, async () => {
        const own = trusted({ $gte: holder, $lt: `${holder}\uffff` });
        await model.updateMany(
          { 'out.due': trusted({ $exists: true }), 'out.by': own },
          { $set: { 'out.due': now } },
        );
      }),

    accept: (record) =>
      bounded(null, async () => {
        try {
          await model.collection.insertOne(record as never, { writeConcern: durable });
          return undefined;
        } catch (error) {
          if (!isDuplicate(error)) throw error;
        }
        const found = await model
          .findByIdAndUpdate(record._id, { $inc: { dups: 1 } }, { returnDocument: 'after' })
          .lean();
        if (found === null) throw new Error(`"${record._id}" was there and is gone.`);
        return found as HopRecord;
      }),

    backlog: (now) =>
      bounded(false, async () => {
        const pending = await model.countDocuments({ state: 'accepted' });
        const oldest =
          pending === 0 ? null : await model.findOne({ state: 'accepted' }).sort({ at: 1 }).lean();
        return { pending, oldestMs: oldest === null ? 0 : now.getTime() - oldest.at.getTime() };
      }),

    list: (state, limit) =>
      bounded(
        false,
        async () =>
          (await model.find({ state }).sort({ at: 1 }).limit(limit).lean()) as unknown as HopRecord[],
      ),

    find: (id) =>
      bounded(false, async () => ((await model.findById(id).lean()) as HopRecord | null) ?? undefined),

    settle: (id, { state, result, ledger, at }) =>
      bounded(null, async () => {
        const changed = await model.updateOne(
          { _id: id, state: 'accepted' },
          {
            $set: { state, result, doneAt: at },
            $unset: { out: 1 },
            ...(ledger === undefined ? {} : { $push: { ledger } }),
          },
        );
        return changed.matchedCount === 1;
      }),

    claim: ({ by, due }, now) =>
      bounded(null, async () => {
        const claimed = await model
          .findOneAndUpdate(
            { 'out.due': trusted({ $lte: now }) },
            { $set: { 'out.by': by, 'out.due': due }, $inc: { 'out.n': 1 } },
            { sort: { 'out.due': 1 }, returnDocument: 'after' },
          )
          .lean();
        return (claimed as HopRecord | null) ?? undefined;
      }),

    reschedule: (id, by, { due, err, kind }) =>
      bounded(null, async () => {
        const count = kind === 'failed' ? { 'out.fails': 1 } : { 'out.n': -1 };
        await model.updateOne(
          { _id: id, state: 'accepted', 'out.by': by },
          { $set: { 'out.due': due, 'out.by': null, 'out.err': err }, $inc: count },
        );
      }),

    bury: (id, by, reason, at) =>
      bounded(null, async () => {
        await model.updateOne(
          { _id: id, state: 'accepted', 'out.by': by },
          { $set: { state: 'dead', doneAt: at, 'out.due': null, 'out.by': null, 'out.err': reason } },
        );
      }),
  };
}

function isDuplicate(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === 11000;
}
