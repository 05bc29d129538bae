/**
 * One process: started, polled until it is ready, ended by SIGTERM or SIGKILL.
 *
 * It runs in a process group of its own: Ctrl-C reaches `npm start` alone, which then stops the processes in sequence.
 * It inherits stderr for its log; of its stdout only the line `ready …` is read.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { toSaid } from '../../shared/src/observability/log.ts';
import type { PlannedProcess } from './plan.ts';

/** A process that was started. */
export interface Child {
  readonly pid: number | undefined;
  /** Resolves to how it ended, in words: `exit code 1` or `SIGKILL`. */
  readonly ended: Promise<string>;
  /** Resolves to true once the process can get traffic, to false when it has ended or the time is over. */
  ready(timeoutMs: number): Promise<boolean>;
  /** Sends SIGTERM, and SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<void>;
  kill(): void;
}

/** Longer than a service needs to detect that its database is away. */
const askForMs = 2000;

/**
 * With a fixed threshold glibc returns freed memory, instead of keeping up to 64 MB after a burst; other systems ignore
 * the variable.
 */
const frugal = { MALLOC_TRIM_THRESHOLD_: `${1024 * 1024}` };

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Starts a process. */
export function startChild(part: PlannedProcess): Child {
  const child = spawn(process.execPath, [...(part.nodeFlags ?? []), part.script], {
    cwd: root,
    env: { ...frugal, ...part.env },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const over = new AbortController();
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  }).finally(() => over.abort());
  const announced = new Promise<void>((resolve) => {
    createInterface(child.stdout).on('line', (line) => toSaid(line).startsWith('ready ') && resolve());
  });

  return {
    pid: child.pid,
    ended,
    async ready(timeoutMs) {
      const signal = AbortSignal.any([over.signal, AbortSignal.timeout(timeoutMs)]);
      const cut = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await Promise.race([announced, cut]);
      while (!signal.aborted && part.readyUrl !== undefined && !(await answers(part.readyUrl, signal)))
        await wait(50);
      return !signal.aborted;
    },
    async stop(graceMs) {
      child.kill('SIGTERM');
      child.kill('SIGCONT'); // a stopped process does not handle SIGTERM
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Each request has its own time-out, so that a hanging one does not block the start. */
async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(askForMs)]) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
}
