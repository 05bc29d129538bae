/**
 * The shape and indexes of a record in MongoDB.
 *
 * Every write asks for `{w: 'majority', j: true}`: with less, a document could be lost in a crash after it was answered.
 */
import { Schema } from 'mongoose';
import type { HopRecord } from '../delivery/record.ts';

/** The write concern of every record. */
export const durable = { w: 'majority', j: true } as const;

/** The schema of a record; mongoose rejects any other field. */
export const recordSchema = new Schema<HopRecord>(
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
