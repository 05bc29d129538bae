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

/** Reads the memory every two seconds until it is stopped. */
export function watchMemory(
  hops: RunningHops,
  database: BenchDatabase,
): { stop(): Promise<readonly Memory[]> } {
  const samples: Promise<Memory>[] = [];
  const timer = setInterval(() => samples.push(readMemory(hops, database)), 2000);
  return {
    stop() {
      clearInterval(timer);
      samples.push(readMemory(hops, database));
      return Promise.all(samples);
    },
  };
}

async function readHeapMb(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^nodejs_heap_size_used_bytes\S* (\S+)$/m.exec(text)?.[1]) / 2 ** 20;
}
