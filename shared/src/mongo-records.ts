/**
 * The records in MongoDB. This file and database.ts are the only ones that know mongoose.
 *
 * The business id is the `_id`: a secondary unique index would leave a window before it is built. Every write asks
 * for `{w: 'majority', j: true}`: with less, an answer could be given for a document that a crash takes back.
 */
import { type Connection, mongo, Schema, trusted } from 'mongoose';
import { bounded } from './database.ts';
import type { HopRecord, Records } from './record.ts';

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
        { due: Date, by: String, n: Number, fails: Number, firstAt: Date, err: String },
        { _id: false },
      ),
    },
    dups: { type: Number, required: true },
    at: { type: Date, required: true },
    doneAt: Date,
  },
  { id: false, versionKey: false, minimize: false, strict: 'throw', autoIndex: false, writeConcern: durable },
).index({ 'out.due': 1 }, { partialFilterExpression: { 'out.due': { $exists: true } } });

/** Records with what a service does before it serves. */
export interface MongoRecords extends Records {
  /** Builds the indexes. */
  prepare(): Promise<void>;
  /** Ends every lease whose token begins with `holder`: after a restart nobody else holds them. */
  reclaim(holder: string, now: Date): Promise<void>;
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

    claim: (id, { by, now, due }) =>
      bounded(null, async () => {
        const changed = await model.updateOne(
          { _id: id, state: 'accepted', 'out.due': trusted({ $lte: now }) },
          { $set: { 'out.by': by, 'out.due': due }, $inc: { 'out.n': 1 } },
        );
        return changed.matchedCount === 1;
      }),

    release: (id, by, { due, err }) =>
      bounded(null, async () => {
        await model.updateOne(
          { _id: id, state: 'accepted', 'out.by': by },
          { $set: { 'out.due': due, 'out.err': err }, $inc: { 'out.fails': 1 } },
        );
      }),
  };
}

function isDuplicate(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === 11000;
}
