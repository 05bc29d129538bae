/**
 * One process of a chain under test: started, killed, paused and started again, on the same port. Its log goes to a file.
 */
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hopSettings } from '@holdfast/shared/app/hop-settings.ts';
import { environmentWith } from '@holdfast/shared/core/config.ts';
import { type Child, startChild } from '../processes/child.ts';

/** What to run. */
export interface ChainProcessSettings {
  readonly name: string;
  /** Its main module, from the root of the repository. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** A process that can be stopped and started again. */
export interface ChainProcess {
  readonly name: string;
  readonly pid: number | undefined;
  readonly state: 'starting' | 'running' | 'paused' | 'gone';
  /** Starts it; resolves when it is ready or has ended. `env` overrides its settings for this start. */
  start(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Sends SIGKILL and resolves when it is gone. */
  kill(): Promise<void>;
  /** Sends SIGTERM, and SIGKILL after `graceMs`, ten seconds by default; resolves when it is gone. */
  leave(graceMs?: number): Promise<void>;
  pause(): void;
  resume(): void;
  /** Resolves to the signal or exit code of the present process when it has ended. */
  readonly ended: Promise<string>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Node's compile cache: a killed process starts again a third sooner. */
const compileCache = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/holdfast', import.meta.url)),
};

/** Removes the settings of services from the inherited environment. */
const unsetSettings = Object.fromEntries(
  Object.keys(hopSettings('none', 0)).map((name) => [name, undefined]),
);

/** Prepares a process; nothing is started yet. */
export function createChainProcess({ name, script, env, logFile }: ChainProcessSettings): ChainProcess {
  const log = openSync(logFile, 'a');
  let child: Child | undefined;
  let state: ChainProcess['state'] = 'gone';
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
      child?.signal('SIGKILL');
      await ended;
    },
    async leave(graceMs) {
      await child?.leave(graceMs);
      await ended;
    },
    pause() {
      if (state !== 'running') return;
      child?.signal('SIGSTOP');
      state = 'paused';
    },
    resume() {
      if (state !== 'paused') return;
      child?.signal('SIGCONT');
      state = 'running';
    },
  };

  async function start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const started = startChild({
      command: process.execPath,
      args: [script],
      cwd: root,
      env: environmentWith({ ...unsetSettings, ...compileCache, ...env, ...more }),
      stderr: log,
    });
    child = started;
    state = 'starting';
    ended = started.ended.then((how) => {
      if (child === started) state = 'gone';
      return typeof how === 'number' ? `exit code ${how}` : how;
    });
    const isReady = await started.says('ready ').then(
      () => true,
      () => false,
    );
    if (isReady && child === started && state === 'starting') state = 'running';
    else await ended;
  }
}
