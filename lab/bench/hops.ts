/** The processes of one chain, whatever each of them runs: started from the end, watched, and stopped from the front. */
import { type ProcessOptions, type RunningProcess, startProcess } from './process.ts';

/** One hop: how it is started, once the address of the next one is known. */
export interface Hop {
  readonly name: string;
  /** `next` is empty at the end of the chain. */
  toProcess(next: string): ProcessOptions;
}

/** A running hop. */
export interface RunningHop {
  readonly name: string;
  readonly process: RunningProcess;
}

/** The running processes of a chain. */
export interface RunningHops {
  /** The create endpoint of its front door. */
  readonly url: string;
  /** The front door first. */
  readonly hops: readonly RunningHop[];
  /** Processor time of each process so far in milliseconds, by name; `NaN` where it cannot be read. */
  cpuMs(): Promise<Readonly<Record<string, number>>>;
  /** Ends the processes, front door first. */
  stop(): Promise<void>;
}

/** Starts the hops of a chain, the front door given first. */
export async function startHops(hops: readonly Hop[]): Promise<RunningHops> {
  const running: RunningHop[] = [];
  let next = '';
  for (const { name, toProcess } of hops.toReversed()) {
    const process = await startProcess(toProcess(next));
    running.unshift({ name, process });
    next = process.url.startsWith('http') ? `${process.url}/create` : process.url;
  }
  return {
    url: next,
    hops: running,
    async cpuMs() {
      const times = running.map(async ({ name, process }) => [name, await process.cpuMs()] as const);
      return Object.fromEntries(await Promise.all(times));
    },
    async stop() {
      for (const { process } of running) await process.stop();
    },
  };
}
