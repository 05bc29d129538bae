/** The memory of a running chain: what of each process is in memory, and the JavaScript heap in use of each service. */
import type { BenchDatabase } from '../bench/database.ts';
import type { RunningHops } from '../bench/hops.ts';

/** Megabytes by process; the database has no heap here. */
export interface Memory {
  readonly residentMb: Readonly<Record<string, number>>;
  readonly heapMb: Readonly<Record<string, number>>;
}

/** Reads the memory now. */
export async function readMemory({ hops }: RunningHops, database: BenchDatabase): Promise<Memory> {
  const services = await Promise.all(
    hops.map(async ({ name, process }) => ({
      name,
      residentMb: await process.residentMb(),
      heapMb: await readHeapMb(process.url),
    })),
  );
  return {
    residentMb: {
      ...Object.fromEntries(services.map(({ name, residentMb }) => [name, residentMb])),
      database: await database.residentMb(),
    },
    heapMb: Object.fromEntries(services.map(({ name, heapMb }) => [name, heapMb])),
  };
}

async function readHeapMb(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^nodejs_heap_size_used_bytes\S* (\S+)$/m.exec(text)?.[1]) / 2 ** 20;
}
