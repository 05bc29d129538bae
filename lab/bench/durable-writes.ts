/**
 * The writes of one hop as the arms beside the chain make them: the native driver, each write alone and acknowledged
 * durably.
 *
 * An order is five of them when it is finished (order 2, payment 2, shipment 1), and three when nobody writes down that
 * it is.
 */
import { MongoClient } from 'mongodb';

/** The content that one hop keeps. */
export interface Content extends Record<string, unknown> {
  readonly id: string;
}

interface Kept {
  readonly _id: string;
  readonly body: unknown;
  readonly state: 'accepted' | 'completed';
  readonly at: Date;
}

/** The writes of one hop. */
export interface DurableWrites {
  /** Keeps what is not finished yet. */
  accept(content: Content): Promise<unknown>;
  /** Keeps what is finished at once. */
  keep(content: Content): Promise<unknown>;
  /** Finishes what was accepted. */
  complete(id: string, result: unknown): Promise<unknown>;
}

const durable = { writeConcern: { w: 'majority', j: true } } as const;

/** Connects to the database in `mongoUrl`; the collection is the name of the hop and an "s". */
export async function openDurableWrites(mongoUrl: string, hop: string): Promise<DurableWrites> {
  const client = await new MongoClient(mongoUrl).connect();
  const kept = client.db().collection<Kept>(`${hop}s`);
  const insert = (body: Content, state: Kept['state']) =>
    kept.insertOne({ _id: body.id, body, state, at: new Date() }, durable);
  return {
    accept: (content) => insert(content, 'accepted'),
    keep: (content) => insert(content, 'completed'),
    complete: (id, result) =>
      kept.updateOne(
        { _id: id, state: 'accepted' },
        { $set: { state: 'completed', result, doneAt: new Date() } },
        durable,
      ),
  };
}
