/**
 * Fills the collections of a chain with finished orders, directly: copies of one that the chain has kept, under other
 * ids and with times of their own.
 */
import type { Db } from 'mongodb';
import { chain } from '../../chain.ts';

interface Kept {
  readonly _id: string;
  readonly state: string;
  readonly at: Date;
}

const batchSize = 2000;
/** The copies are a second apart, so that they lie in an index as orders of some time do. */
const apartMs = 1000;
const exampleId = 'example';

/** An order to be copied; the chain must have completed it before. */
export const exampleOrder = {
  id: exampleId,
  items: [],
  payment: {
    id: `p-${exampleId}`,
    amount: 12.5,
    shipment: { id: `s-${exampleId}`, directions: 'home' },
  },
};

/** Copies the order under the numbers `from` to below `to`. What was written is durable after the next durable write. */
export async function seedOrders(db: Db, { from, to }: { from: number; to: number }): Promise<void> {
  const ids = [exampleId, exampleOrder.payment.id, exampleOrder.payment.shipment.id];
  for (const { plural } of chain) {
    const collection = db.collection<Kept>(plural);
    const example = await collection.findOne({ _id: { $in: ids }, state: 'completed' });
    if (example === null) throw new Error(`${plural} has no completed document to be copied`);
    for (let first = from; first < to; first += batchSize) {
      const count = Math.min(batchSize, to - first);
      const copies = Array.from({ length: count }, (_, index) => copyOf(example, first + index));
      await collection.insertMany(copies, { ordered: false, writeConcern: { w: 1 } });
    }
  }
}

/** The same document with a number wherever its id stands. */
function copyOf(example: Kept, number: number): Kept {
  const renamed = rename(example, `${exampleId}-${number}`) as Kept;
  return { ...renamed, at: new Date(example.at.getTime() - (number + 1) * apartMs) };
}

function rename(value: unknown, id: string): unknown {
  if (typeof value === 'string') return value.replace(exampleId, id);
  if (Array.isArray(value)) return value.map((one) => rename(one, id));
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, rename(one, id)]));
}
