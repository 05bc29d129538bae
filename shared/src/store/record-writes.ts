/**
 * The two writes of every document, insert and finalize, each grouped with others into one command (group-commit.ts).
 */
import { isDeepStrictEqual } from 'node:util';
import { type Model, mongo } from 'mongoose';
import type { FinalState, HopRecord } from '../delivery/record.ts';
import type { Database } from './database.ts';
import { type GroupedWrite, groupCommit } from './group-commit.ts';
import { duplicateKey, isDefinite, toWriteFault } from './mongo-fault.ts';
import { durable } from './record-schema.ts';

/** The grouped writes of one collection. */
export interface RecordWrites {
  /** Inserts a document; resolves to whether its id was free. */
  readonly insert: GroupedWrite<HopRecord, boolean>;
  /** Makes a document final; resolves to whether it was not final before. */
  readonly finalize: GroupedWrite<FinalWrite, boolean>;
}

/** A final state for the document `id`. */
export interface FinalWrite {
  readonly id: string;
  readonly finalState: FinalState;
}

/** Creates the writes to the collection of `model`. */
export function createRecordWrites(
  { connection, timeLimits }: Pick<Database, 'connection' | 'timeLimits'>,
  model: Model<HopRecord>,
): RecordWrites {
  const collection = model.collection.collectionName;

  /** Inserts documents; resolves for each to whether its id was free. */
  const insert = groupCommit(
    { ...limits, sizeOf: (record: HopRecord) => sizeOf([record.body, record.result], () => record) },
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
    {
      ...limits,
      sizeOf: (write: FinalWrite) => sizeOf(write.finalState.result, () => toUpdate(write)),
    },
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

  return { insert, finalize };

  async function isStored({ id, finalState }: FinalWrite): Promise<boolean> {
    const stored = (await model.findById(id).lean()) as HopRecord | null;
    const isSameTime = stored?.doneAt?.getTime() === finalState.at.getTime();
    return isSameTime && isDeepStrictEqual(stored?.result, finalState.result);
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
}

/** Measures exactly only what is not surely small, since that takes as long as writing it. */
function sizeOf(content: unknown, write: () => object): number {
  const most = mostBytes(content);
  return most * limits.maxWrites <= limits.maxBytes ? most : mongo.BSON.calculateObjectSize(write());
}

/**
 * More than the size of a write with this content: an element of BSON is at most eight times as long as in JSON (`-0,` in
 * a long array), and everything else in a record is short.
 */
export function mostBytes(content: unknown): number {
  return 8192 + 8 * JSON.stringify(content).length;
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

/**
 * One command in flight is the cheapest; a second one after a while, so that a slow command or a hung connection does not
 * block all writes. A command is one BSON document of at most 16 MiB; a quarter of that is as fast, and smaller writes wait
 * less behind large ones.
 */
const limits = {
  maxInFlight: 2,
  patienceMs: 20,
  maxWrites: 256,
  maxBytes: 4_000_000,
  isUndone: isDefinite,
} as const;
