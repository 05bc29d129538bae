/**
 * Puts one service together: config → store → next hop → hop → listen. A service's main.ts is these calls in a row.
 *
 * The port is taken at once, so that a wrong one is said at once; until the database is there and the indexes are
 * built, every create is answered 503 `starting`.
 */
import { randomUUID } from 'node:crypto';
import { admit } from './admission.ts';
import { readSettings, SettingsError, type SettingsOf, type SettingsTable } from './config.ts';
import { createDatabase, type Database } from './database.ts';
import { createFailpoint } from './failpoint.ts';
import { createFaults } from './faults.ts';
import { createHandOn, type Next } from './hand-on.ts';
import { createHop } from './hop.ts';
import { type HopSettings, hopSettings } from './hop-settings.ts';
import { ListenError, listen, onStopSignal } from './lifecycle.ts';
import { createMongoRecords, type MongoRecords } from './mongo-records.ts';
import type { Body, Noun } from './noun.ts';
import { toPassedOn } from './passed-on.ts';
import { createProbes } from './probes.ts';
import { type Relay, startRelay } from './relay.ts';
import { createBreaker } from './resilience/breaker.ts';
import { createRetryBudget } from './resilience/budget.ts';
import { createBulkhead } from './resilience/bulkhead.ts';
import { createDeadline, systemClock } from './resilience/deadline.ts';
import { createForward } from './resilience/forward.ts';
import { createHttpClient } from './resilience/http-client.ts';
import { createService } from './service.ts';
import { logBreakers } from './telemetry/breaker-log.ts';
import { createEvents } from './telemetry/events.ts';
import { announce, complain, createLog, type Log } from './telemetry/log.ts';
import { logRelay } from './telemetry/relay-log.ts';

/** The documents of one service, and the database that keeps them. */
export interface Store {
  readonly database: Database;
  readonly records: MongoRecords;
}

/** The way to the next hop, with what must be closed at the end. */
export interface Neighbour extends Next {
  /** Whether its breaker would let a call pass now. */
  lets(): boolean;
  close(): void;
}

/** A service that runs in this process. */
export interface RunningHop {
  readonly url: string;
  /** Resolves when the database is there and creates are taken. */
  readonly ready: Promise<void>;
  /** Leaves step by step: unready, finish what is under way, close. */
  stop(): Promise<void>;
}

/**
 * Reads the settings of a service from the environment, with those that only it has. When any is not legal, it says
 * what is wrong with all of them and ends the process.
 */
export function readHopSettings<Own extends SettingsTable = Record<never, never>>(
  { id, port }: { id: string; port: number },
  own?: Own,
): HopSettings & SettingsOf<Own> {
  try {
    return readSettings({ ...hopSettings(id, port), ...own }) as HopSettings & SettingsOf<Own>;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    complain(error.message);
    process.exit(1);
  }
}

/** Creates the log of a service. */
export function openLog(settings: HopSettings): Log {
  return createLog({
    service: settings.ID,
    format: settings.LOG_FORMAT,
    level: settings.LOG_LEVEL,
    color: settings.NO_COLOR === '',
  });
}

/** Opens the collection of a service: its name and an "s". Nothing is sent yet. */
export function openStore(settings: HopSettings): Store {
  const database = createDatabase(settings.MONGO_URL);
  return { database, records: createMongoRecords(database.connection, `${settings.ID}s`) };
}

/** Opens the way to the next hop; absent when `CHAIN_SVC` is empty. */
export function openNext(settings: HopSettings, log: Log): Neighbour | undefined {
  if (settings.CHAIN_SVC === '') return undefined;
  const name = settings.NEXT_NAME || nameOf(settings.CHAIN_SVC);
  const route = `${settings.ID}→${name}`;
  const events = createEvents();
  logBreakers(events, log);
  const breaker = createBreaker({
    name: route,
    events,
    attemptTimeoutMs: settings.ATTEMPT_TIMEOUT_MS,
    settings: {
      thresholdRatio: settings.BREAKER_THRESHOLD_RATIO,
      minCalls: settings.BREAKER_MIN_CALLS,
      windowMs: settings.BREAKER_WINDOW_MS,
      openMs: settings.BREAKER_OPEN_MS,
      openMaxMs: settings.BREAKER_OPEN_MAX_MS,
      probeTimeoutMs: settings.ATTEMPT_TIMEOUT_MS + 1000,
    },
  });
  const client = createHttpClient();
  const forward = createForward({
    url: settings.CHAIN_SVC,
    bulkhead: createBulkhead(route, {
      maxActive: settings.BULKHEAD_MAX,
      maxQueued: settings.BULKHEAD_QUEUE_MAX,
      waitMs: settings.BULKHEAD_WAIT_MS,
    }),
    breaker,
    client,
    attemptTimeoutMs: settings.ATTEMPT_TIMEOUT_MS,
    retries: {
      attempts: settings.RETRY_ATTEMPTS,
      budget: createRetryBudget({ ratio: settings.RETRY_BUDGET_RATIO, minPerSecond: 3 }, systemClock),
      random: Math.random,
      sleep: wait,
    },
  });
  return {
    name,
    forward,
    lets: () => breaker.lets(),
    close() {
      breaker.stop();
      client.close();
    },
  };
}

/** What `runHop` puts together. */
export interface RunParts<B extends Body> {
  readonly settings: HopSettings;
  readonly log: Log;
  readonly noun: Noun<B>;
  readonly store: Store;
  readonly next: Neighbour | undefined;
}

/**
 * Runs one hop in this process.
 * @throws {ListenError} when the port cannot be used.
 */
export async function runHop<B extends Body>({
  settings,
  log,
  noun,
  store,
  next,
}: RunParts<B>): Promise<RunningHop> {
  const { database, records } = store;
  const probes = createProbes(database);
  const instance = `${settings.INSTANCE}:${settings.PORT}`;
  const boot = randomUUID().slice(0, 8);
  let tokens = 0;
  const leaseMs = settings.REQUEST_TIMEOUT_MS + 2000;
  const createLease = () => ({
    by: `${instance}/${boot}/${++tokens}`,
    due: new Date(systemClock() + leaseMs),
  });
  const reach = createFailpoint(settings.FAILPOINT, () => process.kill(process.pid, 'SIGKILL'));
  const service = settings.ID;
  const parts = { noun, service, records, clock: systemClock, random: Math.random, createLease, reach };
  const tell = logRelay(log);
  const alarm = (id: string, reason: string) => tell({ kind: 'misconfigured', id, reason });
  const handOn = next && createHandOn({ ...parts, next, alarm });
  let relay: Relay | undefined;
  const create = createHop({
    ...parts,
    handOn,
    nextName: next?.name ?? service,
    wake: () => relay?.wake(),
    jumps: settings.JUMPS,
    faults: createFaults(settings),
  });
  const app = createService({
    noun,
    service: settings.ID,
    instance,
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    clock: systemClock,
    create,
    records,
    probes,
    log,
  });
  const server = await listen(
    { host: settings.HOST, port: settings.PORT },
    admit({ service: settings.ID, max: settings.ADMISSION_MAX, phase: probes.phase, handler: app }),
  );

  const ready = (async () => {
    await database.connect((reason) => log.warn(`waiting for the database: ${reason}`));
    await prepare(records, instance);
    if (probes.phase() !== 'starting') return;
    probes.enter('serving');
    if (next === undefined || handOn === undefined) return;
    relay = startRelay({
      ...parts,
      handOn,
      lets: next.lets,
      createTurn: ({ out }) => ({
        deadline: createDeadline(settings.REQUEST_TIMEOUT_MS),
        passedOn: toPassedOn({ requestId: randomUUID(), via: out?.via ?? [], service }),
        callerRetries: true,
      }),
      sleep: sleepUntil,
      maxActive: Math.max(1, Math.floor(settings.BULKHEAD_MAX / 2)),
      tell,
    });
  })();

  return {
    url: server.url,
    ready,
    async stop() {
      probes.enter('stopping');
      await wait(settings.DRAIN_MS);
      await server.close(settings.REQUEST_TIMEOUT_MS + 1000);
      await relay?.stop();
      next?.close();
      await database.close();
    },
  };
}

/** Runs one hop as a process: says when it is ready, and leaves at SIGTERM or SIGINT. */
export async function serve<B extends Body>(parts: RunParts<B>): Promise<void> {
  const { settings, log } = parts;
  const hop = await runHop(parts).catch((error: unknown) => {
    complain(error instanceof ListenError ? error.message : String(error));
    process.exit(1);
  });
  onStopSignal(
    async (why) => {
      log.info(`stopping: ${why}`);
      await hop.stop();
      log.info('stopped');
      process.exit(0);
    },
    { withParent: settings.EXIT_WITH_PARENT },
  );
  try {
    await hop.ready;
  } catch (error) {
    complain(`${settings.ID} cannot start: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
  log.info(
    `listening on ${hop.url}, ${settings.CHAIN_SVC === '' ? 'the end of the chain' : `next is ${settings.CHAIN_SVC}`}`,
  );
  announce(`ready ${settings.ID}=${hop.url}`);
}

/** Builds the indexes and takes back this instance's own leases; the database may go away in between. */
async function prepare(records: MongoRecords, instance: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await records.prepare();
      await records.reclaim(`${instance}/`, new Date(systemClock()));
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await wait(250);
    }
  }
}

/** The host of an URL when it is a name; an address says nothing, so it gets its port. */
function nameOf(url: string): string {
  const { hostname, host } = new URL(url);
  return /^[\d.]+$|:|^localhost$/.test(hostname) ? host : hostname;
}

/** Waits `ms`, or less when the signal fires. */
function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
