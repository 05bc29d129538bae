/**
 * The memory of each process while many customers keep a connection open and order now and then: the same number of
 * orders a second at every number of connections.
 */
import { measureCost } from '../bench/cost.ts';
import { drawTable } from '../measure/draw-table.ts';
import { startLongChain } from './long-chain.ts';
import { readMemory, watchMemory } from './memory.ts';
import { costHead, type PartOptions, type PartResult, toCostCells } from './part.ts';

/** Measures at each number of connections, in fresh processes and an empty database. */
export async function measureConnections({ settings, database, say }: PartOptions): Promise<PartResult> {
  const { rate } = settings;
  const measured = [];
  for (const clients of settings.connections) {
    say(`${clients} connections`);
    const name = `scale_connections_${process.pid}_${clients}`;
    const hops = await startLongChain(database.urlOf(name));
    const idle = await readMemory(hops, database);
    // Every connection orders twice at least.
    const seconds = Math.max(settings.seconds, Math.ceil((2 * clients) / rate));
    const cost = measureCost({ hops, database }, { clients, seconds, rate });
    const watched = watchMemory(hops, database);
    const done = await cost;
    const samples = await watched.stop();
    measured.push({ clients, idle, samples, ...done });
    await hops.stop();
    await database.drop(name);
  }
  const parts = Object.keys(measured[0]?.idle.residentMb ?? {});
  const services = Object.keys(measured[0]?.idle.heapMb ?? {});
  const most = (values: readonly (number | undefined)[]) =>
    Math.max(...values.map((value) => value ?? Number.NaN)).toFixed(0);
  return {
    title: `Open connections, ${rate} orders a second; most megabytes (idle)`,
    text: drawTable(
      [
        'connections',
        ...costHead,
        ...parts.map((part) => `${part} RSS`),
        ...services.map((service) => `${service} heap`),
      ],
      measured.map(({ idle, samples, ...cost }) => [
        `${cost.clients}`,
        ...toCostCells(cost),
        ...parts.map(
          (part) =>
            `${most(samples.map(({ residentMb }) => residentMb[part]))} (${most([idle.residentMb[part]])})`,
        ),
        ...services.map(
          (service) =>
            `${most(samples.map(({ heapMb }) => heapMb[service]))} (${most([idle.heapMb[service]])})`,
        ),
      ]),
    ),
    measured,
  };
}
