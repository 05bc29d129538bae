/**
 * One child process of a test or a tool: what it writes, how it ends, and how it is ended.
 *
 * Children end with this process: at its exit they are sent a signal, and our own programs, which get
 * `EXIT_WITH_PARENT=1` here, also end when this process is killed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { toSaid } from '@holdfast/shared/observability/log.ts';

/** What to run. */
export interface ChildSettings {
  readonly command: string;
  readonly args: readonly string[];
  /** All of its environment, but for `EXIT_WITH_PARENT`, which is 1 unless said otherwise. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A process group of its own, as on a terminal; signals go to the whole group. */
  readonly group?: boolean;
  /** Whether something is written to it. */
  readonly stdin?: boolean;
  /** Where its stderr goes: into `stderr` here, to ours, or to an open file. */
  readonly stderr?: 'keep' | 'inherit' | number;
  /** Gets each line of stdout, which is then not kept. */
  readonly onLine?: (line: string) => void;
  /** The signal that ends it when this process exits; a program with workers may need a gentle one. */
  readonly lastSignal?: 'SIGKILL' | 'SIGTERM';
}

/** A process that was started. */
export interface Child {
  readonly pid: number;
  readonly isRunning: boolean;
  /** The lines that it has written so far. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Only where `stdin` was asked for. */
  readonly stdin: Writable | null;
  /** Resolves to its exit code, or to the signal that ended it, once all that it wrote is read. */
  readonly ended: Promise<number | string>;
  /**
   * Resolves to the first line of stdout that fits.
   * @throws {Error} when it ends before, or needs longer than `withinMs`; its stderr is in the message.
   */
  says(line: string | RegExp, options?: { readonly withinMs?: number }): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Asks it to leave, though it be paused, and kills it after `graceMs`; resolves when it has ended. */
  leave(graceMs?: number): Promise<void>;
}

const running = new Map<Child, NodeJS.Signals>();
process.once('exit', () => {
  for (const [child, lastSignal] of running) child.signal(lastSignal);
});

/**
 * Starts a process.
 * @throws {Error} when there is no such command.
 */
export function startChild(settings: ChildSettings): Child {
  const { command, args, env, cwd, group = false, stdin = false, stderr = 'keep', onLine } = settings;
  const spawned = spawn(command, args, {
    cwd,
    env: { EXIT_WITH_PARENT: '1', ...env },
    stdio: [stdin ? 'pipe' : 'ignore', 'pipe', stderr === 'keep' ? 'pipe' : stderr],
    detached: group,
  });
  spawned.on('error', () => undefined); // no such command, which is thrown below
  const { pid } = spawned;
  if (pid === undefined) throw new Error(`${command} cannot be run`);
  spawned.stdin?.on('error', () => undefined); // nobody reads what is written to a process that has ended
  const lines = { stdout: toLines(spawned.stdout, onLine), stderr: toLines(spawned.stderr) };
  const over = new AbortController();
  const ended = new Promise<number | string>((resolve) => {
    spawned.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  }).finally(() => {
    running.delete(child);
    over.abort();
  });

  const child: Child = {
    pid,
    get isRunning() {
      return running.has(child);
    },
    ...lines,
    stdin: spawned.stdin,
    ended,
    async says(line, { withinMs = 45_000 } = {}) {
      const fits = (said: string) => (typeof line === 'string' ? said.startsWith(line) : line.test(said));
      const spoken = () => lines.stdout.map(toSaid).find(fits);
      const late = AbortSignal.timeout(withinMs);
      const signal = AbortSignal.any([late, over.signal]);
      for (;;) {
        const found = spoken();
        if (found !== undefined) return found;
        if (signal.aborted) {
          const how = late.aborted ? `did not say it within ${withinMs} ms` : `ended with ${await ended}`;
          throw new Error(`Waiting for "${line}": ${command} ${how}:\n${lines.stderr.join('\n')}`);
        }
        await once(spawned.stdout as Readable, 'data', { signal }).catch(() => undefined);
      }
    },
    signal(signal) {
      if (!group) spawned.kill(signal);
      else if (spawned.exitCode === null && spawned.signalCode === null) process.kill(-pid, signal);
    },
    async leave(graceMs = 10_000) {
      child.signal('SIGTERM');
      child.signal('SIGCONT');
      const force = setTimeout(() => child.signal('SIGKILL'), graceMs);
      await ended;
      clearTimeout(force);
    },
  };
  running.set(child, settings.lastSignal ?? 'SIGKILL');
  return child;
}

function toLines(stream: Readable | null, onLine?: (line: string) => void): readonly string[] {
  const lines: string[] = [];
  if (stream !== null) createInterface(stream).on('line', onLine ?? ((line) => lines.push(line)));
  return lines;
}
