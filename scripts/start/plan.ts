/**
 * The plan of `npm start`: the database, the services and the lab, each with its port and environment.
 *
 * Every setting is checked here, those of the services too, so that nothing is started with a bad one. A service with
 * several instances is found by multicast DNS on the loopback; a single one by its address.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type ChainService, chain, inWords, portOf, serviceNames, startPorts } from '../../chain.ts';
import { hopSettings, mongoUrl } from '../../shared/src/app/hop-settings.ts';

import {
  environmentWith,
  flag,
  integer,
  readSettings,
  SettingsError,
  secretText,
  text,
} from '../../shared/src/core/config.ts';
import { toReachableUrl } from '../../shared/src/core/http-url.ts';
import type { LogSettings } from '../../shared/src/observability/log.ts';
import { type Given, givenTo, namedAsGiven, toPrefix } from './given-settings.ts';
import type { FindFreePorts } from './ports.ts';

const { LOG_FORMAT, LOG_LEVEL, NO_COLOR } = hopSettings('start', 0);

/** The settings of `npm start` itself. */
export const startSettings = {
  PORT_BASE: integer(startPorts.base.usual, { ...startPorts.base, about: toPortsInWords() }),
  DATA_DIR: text('./data', {
    form: /^[^\0]{1,1024}$/,
    range: 'a folder',
    about: 'Where the embedded database keeps its documents, and the lab the last 30 minutes.',
  }),
  MONGO_URL: secretText({
    ...mongoUrl,
    about: 'A database that runs already; with it none is started.',
  }),
  LAB: flag(true, '0 starts no lab, and leaves the controls of the services closed.'),
  LOG_FORMAT,
  LOG_LEVEL,
  NO_COLOR,
};

/** Every name that means something to `npm start` or to what it starts. */
export function knownSettings(): string[] {
  const ofServices = Object.keys(hopSettings('start', 0));
  const alone = serviceNames.flatMap((name) => ofServices.map((one) => `${toPrefix(name)}${one}`));
  return [...Object.keys(startSettings), ...ofServices, ...alone, 'LAB_SERVICES'];
}

/** One process to run. */
export interface PlannedProcess {
  /** Unique: `payment`, and `payment-2` for the second instance. */
  readonly name: string;
  /** Its main module, from the root of the repository. */
  readonly script: string;
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  /** Flags of Node, for this process alone. */
  readonly nodeFlags?: readonly string[];
  /** Answers 200 once the process can get traffic; without it, its ready line counts. */
  readonly readyUrl?: string;
}

/** One instance of a service. */
export interface PlannedService extends PlannedProcess {
  /** The name that its instances share. */
  readonly service: string;
}

/** Everything to run. */
export interface Plan {
  /** Absent when `MONGO_URL` names a database that runs already. */
  readonly database: (PlannedProcess & { readonly dataDir: string }) | undefined;
  /** From the front door to the end of the chain, the instances of one service side by side. */
  readonly services: readonly PlannedService[];
  /** Absent with `LAB=0`, and where its folder was deleted. The chain never depends on it. */
  readonly lab: PlannedProcess | undefined;
  readonly log: LogSettings;
  readonly portBase: number;
}

/**
 * A stopping instance is unready for this time, while its neighbours, which get an mDNS goodbye at once, send calls
 * elsewhere.
 */
const drainMs = 250;
const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Reads the plan from the environment; `replicas` has the number of instances by service.
 * @throws {SettingsError} when settings are not legal, own or a service's, or there are no ports; it lists all faults.
 */
export async function readPlan(
  replicas: Readonly<Record<string, number>>,
  findFreePorts: FindFreePorts,
  chainToRun: readonly ChainService[] = chain,
): Promise<Plan> {
  const complaints = new Set<string>();
  const own = collect(complaints, () => readSettings(startSettings));
  const base = own?.PORT_BASE ?? Number(startSettings.PORT_BASE.fallback);
  const labPort = base + startPorts.lab;
  const databaseUrl = own?.MONGO_URL || `mongodb://127.0.0.1:${base + startPorts.database}`;

  const groups = chainToRun.map((service) => {
    const { name, folder } = service;
    const given = givenTo(name);
    const host = given.env.HOST?.trim() || '127.0.0.1';
    return { name, folder, given, host, first: portOf(service, base) };
  });
  const further = groups.flatMap(({ name, host }) => Array<string>((replicas[name] ?? 1) - 1).fill(host));
  const ports = further.length === 0 ? [] : await findFreePorts(base + startPorts.further, further);
  if (ports.length < further.length) {
    complaints.add(
      `There are not ${further.length} free ports from ${base + startPorts.further} on; choose others with PORT_BASE.`,
    );
  }

  // Both origins of the lab's page on this machine.
  const pages = own?.LAB === false ? undefined : `http://127.0.0.1:${labPort},http://localhost:${labPort}`;

  const services = groups.flatMap(({ name, folder, given, host, first }, index) => {
    const behind = groups[index + 1];
    const next = behind?.name;
    const nextUrl = behind && toReachableUrl(behind.host, behind.first);
    const count = replicas[name] ?? 1;
    return Array.from({ length: count }, (_, instance): PlannedService => {
      const port = instance === 0 ? first : (ports.shift() ?? 0);
      const url = toReachableUrl(host, port);
      const env = toEnvironment({
        given,
        name,
        port,
        mongoUrl: databaseUrl,
        next,
        chain:
          next && (replicas[next] ?? 1) > 1 ? `local+http://${next}/create` : nextUrl && `${nextUrl}/create`,
        group: `start-${base}`,
        isOne: count === 1,
        pages,
      });
      collect(
        complaints,
        () => readSettings(hopSettings(name, port), env),
        (line) => namedAsGiven(line, name, given),
      );
      return {
        service: name,
        name: instance === 0 ? name : `${name}-${instance + 1}`,
        script: `${folder}/src/main.ts`,
        host,
        port,
        url,
        env,
        readyUrl: `${url}/readyz`,
      };
    });
  });
  if (own === undefined || complaints.size > 0) throw new SettingsError([...complaints].join('\n'));

  return {
    database: own.MONGO_URL
      ? undefined
      : toDatabase(base + startPorts.database, databaseUrl, resolve(own.DATA_DIR), own.LOG_FORMAT),
    services,
    lab:
      own.LAB && existsSync(resolve(root, labScript))
        ? toLab(labPort, services, databaseUrl, resolve(own.DATA_DIR))
        : undefined,
    portBase: base,
    log: { service: 'start', format: own.LOG_FORMAT, level: own.LOG_LEVEL, color: own.NO_COLOR === '' },
  };
}

/** Where everything listens: the services one after another, then the lab, the database and further instances. */
function toPortsInWords(): string {
  const { lab, database, further } = startPorts;
  const [front, ...others] = serviceNames;
  const offsets = chain.slice(1).map((service) => `+${portOf(service, 0)}`);
  const behind = inWords([...others, 'the lab', 'the database']);
  return `Port of ${front}; ${behind} follow at ${inWords([...offsets, `+${lab}`, `+${database}`])}, further instances from +${further} on.`;
}

/** The environment of one instance: the plan's values, overridden by those that are given for this service alone. */
function toEnvironment({
  given,
  name,
  port,
  mongoUrl,
  next,
  chain,
  group,
  isOne,
  pages,
}: {
  given: Given;
  name: string;
  port: number;
  mongoUrl: string;
  next: string | undefined;
  chain: string | undefined;
  group: string;
  isOne: boolean;
  pages: string | undefined;
}): NodeJS.ProcessEnv {
  const leadsElsewhere = 'CHAIN_SVC' in given.alone;
  return environmentWith({
    MONGO_URL: mongoUrl,
    CHAIN_SVC: chain,
    NEXT_NAME: leadsElsewhere ? undefined : next,
    // A single instance has no substitute, so it needs no drain time.
    DRAIN_MS: given.env.DRAIN_MS ?? (isOne ? '0' : `${drainMs}`),
    DISCOVERY: isOne ? given.env.DISCOVERY : '1',
    DISCOVERY_GROUP: given.env.DISCOVERY_GROUP || group,
    LAB: given.env.LAB?.trim() || '1',
    CORS_ORIGINS: given.env.CORS_ORIGINS ?? pages,
    ...given.alone,
    ID: name,
    PORT: `${port}`,
    EXIT_WITH_PARENT: '1',
  });
}

const labScript = 'lab/server/main.ts';

/** What the lab keeps is some 40 MB; without a bound Node lets what it throws away grow to several times that. */
const labFlags = ['--max-old-space-size=128', '--max-semi-space-size=4'] as const;

function toLab(
  port: number,
  services: readonly PlannedService[],
  mongoUrl: string,
  dataDir: string,
): PlannedProcess {
  const env = environmentWith({
    // Two chains on one database share a folder, not the history of their labs.
    LAB_DATA_DIR: process.env.LAB_DATA_DIR ?? join(dataDir, `lab-${port}`),
    PORT: `${port}`,
    MONGO_URL: mongoUrl,
    LAB_SERVICES: services.map(({ service, url: at }) => `${service}=${at}`).join(','),
    EXIT_WITH_PARENT: '1',
  });
  const host = env.HOST?.trim() || '127.0.0.1';
  const url = toReachableUrl(host, port);
  const readyUrl = `${url}/readyz`;
  return { name: 'lab', script: labScript, host, port, url, env, nodeFlags: labFlags, readyUrl };
}

function toDatabase(
  port: number,
  url: string,
  dataDir: string,
  logFormat: LogSettings['format'],
): PlannedProcess & { dataDir: string } {
  const isJson = logFormat === 'json' || (logFormat === 'auto' && !process.stderr.isTTY);
  const host = '127.0.0.1';
  const env = environmentWith({
    MONGO_HOST: host,
    MONGO_PORT: `${port}`,
    MONGO_DATA_DIR: dataDir,
    MONGO_DATA_DIR_SETTING: 'DATA_DIR',
    // Its own auto is never JSON.
    LOG_FORMAT: isJson ? 'json' : 'pretty',
    EXIT_WITH_PARENT: '1',
  });
  return { name: 'database', script: 'embedded-mongo/src/main.ts', host, port, url, env, dataDir };
}

/** Reads settings and collects their errors. */
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
