/** What an order costs, and how soon the chain is ready, when many orders are kept already. */
import { MongoClient } from 'mongodb';
import { measureCost, partsOf } from '../bench/cost.ts';
import { measure } from '../bench/measure.ts';
import { drawTable, toCell } from '../measure/draw-table.ts';
import { startLongChain } from './long-chain.ts';
import { costHead, type PartOptions, type PartResult, toCostCells } from './part.ts';
import { exampleOrder, seedOrders } from './seed.ts';

/** Measures at each number of kept orders, the smallest first: what one has kept, the next one adds to. */
export async function measureKept({ settings, database, say }: PartOptions): Promise<PartResult> {
  const { kept, clients, seconds, warmup } = settings;
  const name = `scale_kept_${process.pid}`;
  const url = database.urlOf(name);
  const client = await new MongoClient(url).connect();
  const measured = [];
  await keepExample(url);
  let seeded = 0;
  for (const count of kept.toSorted((a, b) => a - b)) {
    say(`keeping ${count} orders`);
    await seedOrders(client.db(), { from: seeded, to: count });
    seeded = count;
    const startedAt = performance.now();
    const hops = await startLongChain(url);
    const readyMs = performance.now() - startedAt;
    say(`${count} orders are kept: measuring`);
    if (warmup > 0) await measure(hops.url, { clients, seconds: warmup });
    measured.push({ kept: count, readyMs, ...(await measureCost({ hops, database }, { clients, seconds })) });
    await hops.stop();
  }
  await client.close();
  await database.drop(name);
  const parts = partsOf(measured);
  return {
    title: `What is kept already, at ${clients} clients`,
    text: drawTable(
      ['kept orders', 'ready after ms', ...costHead, ...parts],
      measured.map((cost) => [
        `${cost.kept}`,
        cost.readyMs.toFixed(0),
        ...toCostCells(cost),
        ...parts.map((part) => toCell(cost.cpuMs[part])),
      ]),
    ),
    measured,
  };
}

/** Lets a chain build its indexes and complete the order that is copied. */
async function keepExample(mongoUrl: string): Promise<void> {
  const hops = await startLongChain(mongoUrl);
  try {
    const answer = await fetch(hops.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(exampleOrder),
    });
    if (answer.status !== 200) throw new Error(`the example was answered ${answer.status}`);
  } finally {
    await hops.stop();
  }
}
