/**
 * Runs one real process with what it writes, line by line, and how it ends.
 *
 * It sees only the settings that a test gives it, and it ends when the tests are gone, however they end.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { hopSettings } from '@holdfast/shared/app/hop-settings.ts';
import { until } from '@holdfast/shared/core/until.ts';
import { serviceNames } from '../chain.ts';
import { environmentWith } from '../shared/src/core/config.ts';

/** A process under test. */
export interface Running {
  readonly pid: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Resolves to the exit code, or to the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Waits for a line of stdout that begins with `start`. */
  says(start: string, options?: { withinMs: number }): Promise<string>;
  signal(signal: NodeJS.Signals): void;
}

/** Settings by name, as in an environment. */
export type Env = Readonly<Record<string, string | undefined>>;

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a TypeScript module of the repository with Node. */
export function runNode(script: string, env: Env = {}, args: readonly string[] = []): Running {
  return runProcess(process.execPath, [script, ...args], env);
}

/** Runs a command in the root of the repository unless told otherwise; `group` gives it a process group of its own, as a terminal does. */
export function runProcess(
  command: string,
  args: readonly string[],
  env: Env = {},
  { group = false, cwd = root }: { group?: boolean; cwd?: string } = {},
): Running {
  const child = spawn(command, args, {
    cwd,
    env: environmentWith({ ...blank, LOG_FORMAT: 'json', EXIT_WITH_PARENT: '1', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: group,
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const stdout = toLines(child.stdout);
  const stderr = toLines(child.stderr);
  if (child.pid === undefined) throw new Error(`${command} cannot be run`);
  const { pid } = child;

  return {
    pid,
    stdout,
    stderr,
    ended,
    async says(start, options) {
      const find = () => stdout.find((line) => line.startsWith(start)) ?? (isAlive(pid) ? undefined : null);
      const line = await until(`"${start}" on stdout`, find, options).catch((error: unknown) => {
        throw new Error(`It did not say "${start}" in time:\n${stderr.join('\n')}`, { cause: error });
      });
      if (line === null) throw new Error(`It ended before it said "${start}":\n${stderr.join('\n')}`);
      return line;
    },
    signal: (signal) => void process.kill(group ? -pid : pid, signal),
  };
}

/** Whether a process runs; one that has ended and was not yet buried by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false; // there is no such process
  }
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux'; // it ended just now, or the system has no /proc
  }
}

/** Every setting of a chain, removed. */
const blank: Env = Object.fromEntries(
  ['PORT_BASE', 'DATA_DIR', 'npm_lifecycle_event', ...Object.keys(hopSettings('none', 0))].flatMap(
    (setting) =>
      ['', ...serviceNames.map((name) => `${name.toUpperCase()}_`)].map((prefix) => [
        `${prefix}${setting}`,
        undefined,
      ]),
  ),
);

function toLines(stream: Readable): string[] {
  const lines: string[] = [];
  createInterface(stream).on('line', (line) => lines.push(line));
  return lines;
}
