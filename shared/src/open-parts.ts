/**
 * Opens the parts of one service from its settings: telemetry, store, and the way to the next hop.
 *
 * Nothing is sent and nothing listens yet; start-hop.ts puts the parts together and runs them.
 */
import packageJson from '../package.json' with { type: 'json' };
import { type Breakers, createBreakers } from './breakers.ts';
import { readSettings, SettingsError, type SettingsOf, type SettingsTable } from './config.ts';
import { createDatabase, type Database } from './database.ts';
import { createFaults, type Faults } from './faults.ts';
import type { Next } from './hand-on.ts';
import { type HopSettings, hopSettings } from './hop-settings.ts';
import { createMongoRecords, type MongoRecords } from './mongo-records.ts';
import { createBreaker } from './resilience/breaker.ts';
import { createRetryBudget } from './resilience/budget.ts';
import { createBulkhead } from './resilience/bulkhead.ts';
import { systemClock } from './resilience/deadline.ts';
import { createForward } from './resilience/forward.ts';
import { createHttpClient } from './resilience/http-client.ts';
import { logBreakers } from './telemetry/breaker-log.ts';
import { createEvents, type Events } from './telemetry/events.ts';
import { logFaults } from './telemetry/fault-log.ts';
import { complain, createLog, type Log } from './telemetry/log.ts';
import { traceClient } from './telemetry/trace-client.ts';
import type { Tracer } from './telemetry/tracer.ts';
import { openTracer } from './telemetry/tracing.ts';
import type { Speaker } from './telemetry/wire.ts';

/** Everything that a service says of itself. */
export interface Telemetry {
  readonly log: Log;
  readonly events: Events;
  readonly breakers: Breakers;
  readonly speaker: Speaker;
  readonly tracer: Tracer;
}

/** The documents of one service, and the database that keeps them. */
export interface Store {
  readonly database: Database;
  readonly records: MongoRecords;
}

/** The way to the next hop, with what must be closed at the end. */
export interface Neighbour extends Next {
  /** Whether its breaker would let a call pass now. */
  lets(): boolean;
  /** Retries that could be made now. */
  retriesLeft(): number;
  close(): void;
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

/** Creates the log and the bus of a service; what happens to its breakers is logged from now on. */
export function openTelemetry(settings: HopSettings, log: Log = openLog(settings)): Telemetry {
  const events = createEvents();
  const speaker = { service: settings.ID, instance: `${settings.INSTANCE}:${settings.PORT}` };
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  logBreakers(events, log);
  logFaults(events, log);
  return {
    log,
    events,
    breakers: createBreakers({ events, clock: systemClock }),
    speaker,
    tracer: openTracer({ ...speaker, endpoint, version: packageJson.version, events, log }),
  };
}

/** Opens the faults of a service; `INJECT_ERR=1` is one from the start. */
export function openFaults(
  settings: HopSettings,
  { log, events }: Telemetry,
  crash: (fault: string) => void = () => process.kill(process.pid, 'SIGKILL'),
): Faults {
  return createFaults({
    injectErr: settings.INJECT_ERR,
    events,
    clock: systemClock,
    crash(fault) {
      log.warn({ event: 'fault-crash', fault }, `⚡ fault crash: ${fault} ends this process now`);
      crash(fault);
    },
  });
}

/** Opens the collection of a service: its name and an "s". Nothing is sent yet. */
export function openStore(settings: HopSettings): Store {
  const database = createDatabase(settings.MONGO_URL);
  return { database, records: createMongoRecords(database.connection, `${settings.ID}s`) };
}

/** Opens the way to the next hop; absent when `CHAIN_SVC` is empty. */
export function openNext(
  settings: HopSettings,
  { events, breakers, tracer }: Telemetry,
): Neighbour | undefined {
  if (settings.CHAIN_SVC === '') return undefined;
  const name = settings.NEXT_NAME || nameOf(settings.CHAIN_SVC);
  const route = `${settings.ID}→${name}`;
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
  breakers.add(breaker);
  const client = traceClient(createHttpClient(), tracer);
  const budget = createRetryBudget({ ratio: settings.RETRY_BUDGET_RATIO, minPerSecond: 3 }, systemClock);
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
      budget,
      random: Math.random,
      sleep: wait,
    },
    tracer,
  });
  return {
    name,
    forward,
    lets: () => breaker.lets(),
    retriesLeft: () => budget.left(),
    close() {
      breaker.stop();
      client.close();
    },
  };
}

function openLog(settings: HopSettings): Log {
  return createLog({
    service: settings.ID,
    format: settings.LOG_FORMAT,
    level: settings.LOG_LEVEL,
    color: settings.NO_COLOR === '',
  });
}

/** The host of an URL when it is a name; an address says nothing, so it gets its port. */
function nameOf(url: string): string {
  const { hostname, host } = new URL(url);
  return /^[\d.]+$|:|^localhost$/.test(hostname) ? host : hostname;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
