/** One process of the benchmark: it is ready when it prints `ready …URL`, and is stopped with SIGTERM. */
import { startChild } from '../processes/child.ts';
import { readCpuMs, readResidentMb } from './process-usage.ts';

/** How to start a process. */
export interface ProcessOptions {
  readonly script: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly nodeFlags?: readonly string[];
}

/** A process that is ready. */
export interface RunningProcess {
  /** The URL at the end of its ready line. */
  readonly url: string;
  /** Processor time so far in milliseconds; `NaN` where it cannot be read. */
  cpuMs(): Promise<number>;
  /** What is in memory of it now in megabytes; `NaN` where it cannot be read. */
  residentMb(): Promise<number>;
  /** Sends SIGTERM, and SIGKILL after ten seconds. */
  stop(): Promise<void>;
}

/** Starts a process; rejects when it ends, or takes more than half a minute, before it is ready. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { script, args, env = process.env, nodeFlags = [] } = options;
  const child = startChild({
    command: process.execPath,
    args: [...nodeFlags, script, ...args],
    env,
    stderr: 'inherit',
  });
  const readyLine = /^ready .*?([a-z]+:\/\/\S+)$/;
  const line = await child.says(readyLine, { withinMs: 30_000 }).catch((error: unknown) => {
    child.signal('SIGKILL');
    throw error;
  });
  return {
    url: readyLine.exec(line)?.[1] ?? '',
    cpuMs: () => readCpuMs(child.pid),
    residentMb: () => readResidentMb(child.pid),
    stop: () => child.leave(),
  };
}
