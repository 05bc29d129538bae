/** What one order costs: a measurement, with the processor time that each process took meanwhile. */
import type { LoadResult } from './load.ts';
import { type Load, measure } from './measure.ts';

/** Processor time by process in milliseconds. */
export type CpuTimes = Readonly<Record<string, number>>;

/** One measurement with its costs. */
export interface Cost extends Omit<LoadResult, 'cpuMs'> {
  /**
   * Processor time for one good order in milliseconds, by process: each service, `database` and `load`. `NaN` where it
   * cannot be read, as that of a database that was given.
   */
  readonly cpuMs: CpuTimes;
}

/** What is measured. */
export interface Measured {
  readonly hops: { readonly url: string; cpuMs(): Promise<CpuTimes> };
  readonly database: { cpuMs(): Promise<number> };
}

/** Sends orders to the front door and reads what they cost. */
export async function measureCost({ hops, database }: Measured, load: Load): Promise<Cost> {
  const read = async (): Promise<CpuTimes> => ({ ...(await hops.cpuMs()), database: await database.cpuMs() });
  const before = await read();
  const { cpuMs, ...result } = await measure(hops.url, load);
  const after = await read();
  return { ...result, cpuMs: toShares({ ...before, load: 0 }, { ...after, load: cpuMs }, result.good) };
}

/** What each process took for one of `orders`, by its times before and after them. */
export function toShares(before: CpuTimes, after: CpuTimes, orders: number): CpuTimes {
  return Object.fromEntries(
    Object.entries(after).map(([part, ms]) => [part, (ms - (before[part] ?? 0)) / orders]),
  );
}

/** The processor time of one order in milliseconds, without the load. */
export function toTotalCpuMs({ cpuMs }: Pick<Cost, 'cpuMs'>): number {
  const { load: _, ...measured } = cpuMs;
  return Object.values(measured).reduce((total, ms) => total + ms, 0);
}

/** The processes of all, the database and the load last. */
export function partsOf(measured: readonly Pick<Cost, 'cpuMs'>[]): string[] {
  const last = ['database', 'load'];
  const parts = [...new Set(measured.flatMap(({ cpuMs }) => Object.keys(cpuMs)))];
  return [...parts.filter((part) => !last.includes(part)), ...last.filter((part) => parts.includes(part))];
}
