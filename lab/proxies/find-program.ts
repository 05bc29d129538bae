/** Finds a program on this machine: the one that a setting names, else the first of its usual names in the PATH. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environmentWith, readSettings, text } from '@holdfast/shared/core/config.ts';

/** Paths of the proxies, where they are not in the usual folders. */
const proxySettings = {
  HAPROXY: text('', {
    form: /^[^\0]{1,1024}$/,
    range: 'the path of a program',
    about: 'The HAProxy to run; by default haproxy of the PATH or of /usr/sbin.',
  }),
  NGINX: text('', {
    form: /^[^\0]{1,1024}$/,
    range: 'the path of a program',
    about: 'The nginx to run; by default nginx of the PATH or of /usr/sbin.',
  }),
};

/** The programs of deploy/ that a test or a command can run. */
export type ProxyName = 'haproxy' | 'nginx';

/** Folders of servers that are not in a user's PATH on Debian. */
const folders = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];

/**
 * Returns the path of a proxy.
 * @throws {Error} when there is none; one sentence says what to do.
 */
export function findProxy(name: ProxyName, env: NodeJS.ProcessEnv = environmentWith({})): string {
  const setting = name === 'haproxy' ? 'HAPROXY' : 'NGINX';
  const given = readSettings(proxySettings, env)[setting];
  if (given !== '') {
    if (isExecutable(given)) return given;
    throw new Error(`${setting}=${given} is no file that can be executed.`);
  }
  const found = findInPath([name], env) ?? folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    `${name} is missing: install it (apt-get install ${name}, or brew install ${name}), or name the program with ${setting}=/path/to/${name}.`,
  );
}

/**
 * Checks that every one of some proxies is there, before anything is started.
 * @throws {Error} with a sentence for each that is missing.
 */
export function demandProxies(names: readonly ProxyName[], env?: NodeJS.ProcessEnv): void {
  const faults = [...new Set(names)].flatMap((name) => {
    try {
      findProxy(name, env);
      return [];
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** Returns the first of some names that is a program in the PATH. */
export function findInPath(names: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  const places = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => places.map((folder) => join(folder, name))).find(isExecutable);
}

/** Whether a path is an executable file. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // missing, or not executable
  }
}
