/** Runs one real process that sees only the settings that a test gives it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hopSettings } from '@holdfast/shared/app/hop-settings.ts';
import { serviceNames } from '../chain.ts';
import { type Child, startChild } from '../lab/processes/child.ts';
import { environmentWith } from '../shared/src/core/config.ts';

/** Settings by name, as in an environment. */
export type Env = Readonly<Record<string, string | undefined>>;

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a TypeScript module of the repository with Node. */
export function runNode(script: string, env: Env = {}, args: readonly string[] = []): Child {
  return runProcess(process.execPath, [script, ...args], env);
}

/** Runs a command in the root of the repository unless told otherwise; `group` gives it a process group of its own, as a terminal does. */
export function runProcess(
  command: string,
  args: readonly string[],
  env: Env = {},
  { group = false, stdin = false, cwd = root }: { group?: boolean; stdin?: boolean; cwd?: string } = {},
): Child {
  return startChild({
    command,
    args,
    cwd,
    group,
    stdin,
    env: environmentWith({ ...blank, LOG_FORMAT: 'auto', ...env }),
  });
}

/** Whether a process runs; one that has ended does not, even before its parent has read its exit code. */
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
