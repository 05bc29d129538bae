/** The only reader of the environment: settings with their ranges, every bad value reported at once. */

import { readFileSync } from 'node:fs';
import type { Credentials } from './commands/context.ts';

/** The settings of `npm run mongo`. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** The setting by which the user chooses the folder; `npm start` has another name for it. */
  readonly dataDirSetting: string;
  /** Required credentials; undefined: none. */
  readonly credentials: Credentials | undefined;
  /** End when the process that started this one is gone. */
  readonly exitWithParent: boolean;
}

/** One or more settings are wrong; the message names each. */
export class ConfigError extends Error {}

/**
 * Reads the settings.
 *
 * @throws {ConfigError} when a value is outside its range.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const problems: string[] = [];
  const host = env.MONGO_HOST ?? '127.0.0.1';
  if (!/^[A-Za-z0-9.:_-]+$/.test(host)) problems.push('MONGO_HOST must be a host name or an address');
  const portText = env.MONGO_PORT ?? '27017';
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port > 65_535) {
    problems.push(`MONGO_PORT must be a whole number from 0 to 65535${notThis(portText)}`);
  }
  const dataDir = env.MONGO_DATA_DIR ?? './data';
  if (dataDir.trim() === '' || dataDir.includes('\0')) problems.push('MONGO_DATA_DIR must name a folder');
  const dataDirSetting = env.MONGO_DATA_DIR_SETTING || 'MONGO_DATA_DIR';
  const exit = env.EXIT_WITH_PARENT ?? '0';
  if (exit !== '0' && exit !== '1') problems.push(`EXIT_WITH_PARENT must be 0 or 1${notThis(exit)}`);
  const credentials = readCredentials(env, problems);
  if (problems.length > 0) throw new ConfigError(`Bad settings: ${problems.join('; ')}.`);
  return Object.freeze({ host, port, dataDir, dataDirSetting, credentials, exitWithParent: exit === '1' });
}

/** The user and the file of the password, named as the image of MongoDB names them. */
function readCredentials(env: NodeJS.ProcessEnv, problems: string[]): Credentials | undefined {
  const user = env.MONGO_INITDB_ROOT_USERNAME ?? '';
  const file = env.MONGO_INITDB_ROOT_PASSWORD_FILE ?? '';
  if (user === '' && file === '') return undefined;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(user) || file === '') {
    problems.push(
      'MONGO_INITDB_ROOT_USERNAME and MONGO_INITDB_ROOT_PASSWORD_FILE must be given together, a plain name and a file',
    );
    return undefined;
  }
  try {
    const password = readFileSync(file, 'utf8').trim();
    if (password !== '') return { user, password };
    problems.push('MONGO_INITDB_ROOT_PASSWORD_FILE must name a file with a password, and it is empty');
  } catch {
    problems.push('MONGO_INITDB_ROOT_PASSWORD_FILE must name a file that can be read');
  }
  return undefined;
}

/** Only short values are shown: a longer one can be a password in the wrong setting. */
function notThis(value: string): string {
  return value.length > 16 || value.includes('@') ? '' : `, not "${value}"`;
}
