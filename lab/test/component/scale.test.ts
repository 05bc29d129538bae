/** What a scale run is made of: copies of an order, a chain that is longer, and memory that can be read. */
import { MongoClient } from 'mongodb';
import { expect, it } from 'vitest';
import { chain } from '../../../chain.ts';
import { openDatabase } from '../../bench/database.ts';
import { startLongChain } from '../../scale/long-chain.ts';
import { readMemory } from '../../scale/memory.ts';
import { exampleOrder, seedOrders } from '../../scale/seed.ts';

it('a longer chain completes orders, and copies of one are kept in every collection of the first three hops', async () => {
  const database = await openDatabase(undefined);
  const name = 'scale_test';
  const hops = await startLongChain(database.urlOf(name), 5);
  const client = await new MongoClient(database.urlOf(name)).connect();
  try {
    expect(hops.hops.map((hop) => hop.name)).toEqual([
      ...chain.map((service) => service.name),
      ...['hop-4', 'hop-5'],
    ]);
    const order = async (content: object) => {
      const headers = { 'Content-Type': 'application/json' };
      const answer = await fetch(hops.url, { method: 'POST', headers, body: JSON.stringify(content) });
      return (await answer.json()) as { status: string; hops: object[] };
    };
    // A machine that is busy answers "pending" first; the same order again says how it ended.
    const repeated = () => order(exampleOrder);
    await expect.poll(repeated).toMatchObject({ status: 'completed', hops: Array(5).fill({}) });
    // Final states are stored after the answer.
    for (const { plural } of chain) {
      const states = () => client.db().collection(plural).distinct('state');
      await expect.poll(states).toEqual(['completed']);
    }

    await seedOrders(client.db(), { from: 0, to: 30 });
    expect(await database.count(name)).toEqual({ orders: 31, payments: 31, shipments: 31 });
    const [first] = await client.db().collection('orders').find().sort({ at: 1 }).toArray();
    expect(first).toMatchObject({
      _id: 'example-29',
      state: 'completed',
      body: { payment: { id: 'p-example-29' } },
    });
    const paid = await client.db().collection<{ _id: string }>('payments').findOne({ _id: 'p-example-29' });
    expect(paid).toMatchObject({ parent: 'example-29' });

    const { residentMb, heapMb } = await readMemory(hops, database);
    expect(Object.keys(residentMb)).toEqual([...Object.keys(heapMb), 'database']);
    for (const mb of [...Object.values(residentMb), ...Object.values(heapMb)]) expect(mb).toBeGreaterThan(1);
  } finally {
    await client.close();
    await hops.stop();
    await database.stop();
  }
});
