/**
 * One process of the benchmark: started, waited for until it says `ready …URL` on stdout, and ended in order.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { readCpuMs } from './cpu-time.ts';

/** How to start a process. */
export interface ProcessOptions {
  readonly script: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly nodeFlags?: readonly string[];
}

/** A process that said it is ready. */
export interface RunningProcess {
  /** The URL at the end of its ready line. */
  readonly url: string;
  /** Processor time so far in milliseconds; `NaN` where the system does not tell. */
  cpuMs(): Promise<number>;
  /** Asks it to leave; kills it after ten seconds. */
  stop(): Promise<void>;
}

const readyWithinMs = 30_000;
const leaveWithinMs = 10_000;

/** Starts a process; rejects when it ends, or says nothing for half a minute, before it is ready. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { script, args, env = process.env, nodeFlags = [] } = options;
  const child = spawn(process.execPath, [...nodeFlags, script, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  void ended.then(() => process.removeListener('exit', killWithUs));

  const url = await new Promise<string>((resolve, reject) => {
    const giveUp = (why: string) => {
      child.kill('SIGKILL');
      reject(new Error(`${script} ${why}`));
    };
    const timer = setTimeout(() => giveUp(`was not ready within ${readyWithinMs} ms`), readyWithinMs);
    child.once('error', (error) => giveUp(error.message));
    child.once('exit', (code, signal) => giveUp(`ended with ${signal ?? code} before it was ready`));
    createInterface(child.stdout).on('line', (line) => {
      const found = /^ready .*?([a-z]+:\/\/\S+)$/.exec(line)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
  });

  return {
    url,
    cpuMs: () => readCpuMs(child.pid ?? 0),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(killWithUs, leaveWithinMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
