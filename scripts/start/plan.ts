/**
 * What `npm start` is going to run: the database, the three services and the lab, each with its port and environment.
 *
 * Every setting is checked here, those of the services too, so that nothing is started with a bad one.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  environmentWith,
  flag,
  integer,
  readSettings,
  SettingsError,
  text,
} from '../../shared/src/config.ts';
import { hopSettings } from '../../shared/src/hop-settings.ts';
import type { LogSettings } from '../../shared/src/telemetry/log.ts';
import { type Given, givenTo, namedAsGiven } from './given-settings.ts';

const { LOG_FORMAT, LOG_LEVEL, NO_COLOR } = hopSettings('start', 0);

/** The settings of `npm start` itself. */
export const startSettings = {
  PORT_BASE: integer(3000, {
    min: 1,
    max: 65_500,
    about: 'Port of order; payment, shipment, the lab and the database follow at +1, +2, +10 and +17.',
  }),
  DATA_DIR: text('./data', {
    form: /^[^\0]{1,1024}$/,
    range: 'a folder',
    about: 'Where the embedded database keeps its documents.',
  }),
  MONGO_URL: text('', {
    form: /^mongodb(\+srv)?:\/\/\S+$/,
    range: 'a mongodb:// URL',
    about: 'A database that runs already; with it none is started.',
  }),
  LAB: flag(true, '0 starts no lab, and leaves the controls of the services closed.'),
  LOG_FORMAT,
  LOG_LEVEL,
  NO_COLOR,
};

/** One process to run. */
export interface Part {
  readonly name: string;
  /** Its main module, from the root of the repository. */
  readonly script: string;
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  /** Answers 200 once the part may get traffic; a part without it is ready when it says so. */
  readonly readyUrl?: string;
}

/** Everything to run. */
export interface Plan {
  /** Absent when `MONGO_URL` names a database that runs already. */
  readonly database: (Part & { readonly dataDir: string }) | undefined;
  /** From the front door to the end of the chain. */
  readonly services: readonly Part[];
  /** Absent with `LAB=0`, and where its folder was deleted. The chain never depends on it. */
  readonly lab: Part | undefined;
  readonly log: LogSettings;
}

const names = ['order', 'payment', 'shipment'];
const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Reads the plan from the environment.
 * @throws {SettingsError} when settings are not legal, own or a service's; it lists them all.
 */
export function readPlan(): Plan {
  const complaints = new Set<string>();
  const own = collect(complaints, () => readSettings(startSettings));
  const base = own?.PORT_BASE ?? Number(startSettings.PORT_BASE.fallback);
  const mongoUrl = own?.MONGO_URL || `mongodb://127.0.0.1:${base + 17}`;

  const places = names.map((name, index) => {
    const given = givenTo(name);
    const host = given.env.HOST?.trim() || '127.0.0.1';
    return { name, given, host, port: base + index, url: `http://${toReachable(host)}:${base + index}` };
  });
  const services = places.map(({ name, given, host, port, url }, index) => {
    const env = toEnvironment({ given, name, port, mongoUrl, next: places[index + 1] });
    collect(
      complaints,
      () => readSettings(hopSettings(name, port), env),
      (line) => namedAsGiven(line, name, given),
    );
    return { name, script: `${name}/src/main.ts`, host, port, url, env, readyUrl: `${url}/readyz` };
  });
  if (own === undefined || complaints.size > 0) throw new SettingsError([...complaints].join('\n'));

  return {
    database: own.MONGO_URL ? undefined : toDatabase(base + 17, mongoUrl, resolve(own.DATA_DIR)),
    services,
    lab: own.LAB && existsSync(resolve(root, labScript)) ? toLab(base + 10, services) : undefined,
    log: { service: 'start', format: own.LOG_FORMAT, level: own.LOG_LEVEL, color: own.NO_COLOR === '' },
  };
}

/** The environment of one service: what the plan decides, under what was given to this service alone. */
function toEnvironment({
  given,
  name,
  port,
  mongoUrl,
  next,
}: {
  given: Given;
  name: string;
  port: number;
  mongoUrl: string;
  next: { name: string; url: string } | undefined;
}): NodeJS.ProcessEnv {
  const leadsElsewhere = 'CHAIN_SVC' in given.alone;
  return environmentWith({
    MONGO_URL: mongoUrl,
    CHAIN_SVC: next && `${next.url}/create`,
    NEXT_NAME: leadsElsewhere ? undefined : next?.name,
    // Nothing balances in front of this chain, so nobody has to notice that a service is about to leave.
    DRAIN_MS: given.env.DRAIN_MS ?? '0',
    LAB: given.env.LAB?.trim() || '1',
    ...given.alone,
    ID: name,
    PORT: `${port}`,
    EXIT_WITH_PARENT: '1',
  });
}

const labScript = 'lab/server/main.ts';

function toLab(port: number, services: readonly Part[]): Part {
  const env = environmentWith({
    PORT: `${port}`,
    LAB_SERVICES: services.map(({ name, url: at }) => `${name}=${at}`).join(','),
    EXIT_WITH_PARENT: '1',
  });
  const host = env.HOST?.trim() || '127.0.0.1';
  const url = `http://${toReachable(host)}:${port}`;
  return { name: 'lab', script: labScript, host, port, url, env, readyUrl: `${url}/readyz` };
}

function toDatabase(port: number, url: string, dataDir: string): Part & { dataDir: string } {
  const host = '127.0.0.1';
  const env = environmentWith({
    MONGO_HOST: host,
    MONGO_PORT: `${port}`,
    MONGO_DATA_DIR: dataDir,
    EXIT_WITH_PARENT: '1',
  });
  return { name: 'database', script: 'embedded-mongo/src/main.ts', host, port, url, env, dataDir };
}

/** Reads settings; keeps what is wrong with them for later. */
function collect<T>(
  complaints: Set<string>,
  read: () => T,
  rename: (line: string) => string = (line) => line,
): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const line of error.message.split('\n')) complaints.add(rename(line));
    return undefined;
  }
}

/** An address that can be called: one that means "every address" is reached on this machine. */
function toReachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
