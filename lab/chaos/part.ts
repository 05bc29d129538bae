/**
 * One process of a chain under test: started, killed, paused and started again, on the same port.
 *
 * Every process that was started here ends with this one: at its exit they are killed, and should it be killed itself
 * they notice (`EXIT_WITH_PARENT`). What they log goes to a file.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { hopSettings } from '@holdfast/shared/app/hop-settings.ts';
import { environmentWith } from '@holdfast/shared/core/config.ts';

/** What to run. */
export interface PartSettings {
  readonly name: string;
  /** Its main module, from the root of the repository. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** A process that comes and goes. */
export interface Part {
  readonly name: string;
  readonly pid: number | undefined;
  readonly state: 'starting' | 'running' | 'paused' | 'gone';
  /** Starts it and resolves when it says that it is ready or has ended; `env` is on top of its settings, this time only. */
  start(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Sends SIGKILL and resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to leave and resolves when it has; kills it after `graceMs`, ten seconds by default. */
  leave(graceMs?: number): Promise<void>;
  pause(): void;
  resume(): void;
  /** Resolves when the process that runs now is gone, to the signal or exit code that ended it. */
  readonly ended: Promise<string>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Code that was compiled once; a killed process is there again a third sooner. */
const compiled = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/holdfast', import.meta.url)),
};
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** What the surroundings say to a service is not for these. */
const blank = Object.fromEntries(Object.keys(hopSettings('none', 0)).map((name) => [name, undefined]));

/** Prepares a part; nothing is started yet. */
export function createPart({ name, script, env, logFile }: PartSettings): Part {
  const log = openSync(logFile, 'a');
  let child: ChildProcess | undefined;
  let state: Part['state'] = 'gone';
  let ended = Promise.resolve('it was never started');

  return {
    name,
    get pid() {
      return child?.pid;
    },
    get state() {
      return state;
    },
    get ended() {
      return ended;
    },
    start,
    async kill() {
      child?.kill('SIGKILL');
      await ended;
    },
    async leave(graceMs = 10_000) {
      child?.kill('SIGTERM');
      child?.kill('SIGCONT');
      const force = setTimeout(() => child?.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(force);
    },
    pause() {
      if (state !== 'running') return;
      child?.kill('SIGSTOP');
      state = 'paused';
    },
    resume() {
      if (state !== 'paused') return;
      child?.kill('SIGCONT');
      state = 'running';
    },
  };

  async function start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const started = spawn(process.execPath, [script], {
      cwd: root,
      env: environmentWith({ ...blank, ...compiled, ...env, ...more, EXIT_WITH_PARENT: '1' }),
      stdio: ['ignore', 'pipe', log],
    });
    child = started;
    children.add(started);
    state = 'starting';
    ended = new Promise<string>((resolve) => {
      started.once('error', (error) => resolve(error.message));
      started.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    }).then((how) => {
      children.delete(started);
      if (child === started) state = 'gone';
      return how;
    });
    const lines = createInterface({ input: started.stdout as Readable });
    await new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        if (!line.startsWith('ready ')) return;
        if (child === started && state === 'starting') state = 'running';
        resolve();
      });
      void ended.then(() => resolve());
    });
  }
}
