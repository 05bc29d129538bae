/**
 * Reads the settings of one service and opens its parts from them: telemetry, faults and store. The way to the next hop
 * is in open-next.ts.
 *
 * Nothing is sent and nothing listens yet; run-hop.ts puts the parts together and runs them.
 */
import packageJson from '../../package.json' with { type: 'json' };
import { readSettings, SettingsError, type SettingsOf, type SettingsTable } from '../core/config.ts';
import type { Tracer } from '../core/tracer.ts';
import { createFaults, type Faults } from '../faults/faults.ts';
import { logBreakers } from '../observability/breaker-log.ts';
import { type Breakers, createBreakers } from '../observability/breakers.ts';
import { createEvents, type Events } from '../observability/events.ts';
import { logFaults } from '../observability/fault-log.ts';
import { complain, createLog, type Log } from '../observability/log.ts';
import { createStream, type Stream } from '../observability/stream.ts';
import { openTracer } from '../observability/tracing.ts';
import type { ServiceIdentity } from '../observability/wire.ts';
import { type ChainKeys, createGivenKeys } from '../proof/chain-keys.ts';
import { systemClock } from '../resilience/deadline.ts';
import type { ProbeLeases } from '../resilience/probe-leases.ts';
import { createDatabase, type Database, type TimeLimits } from '../store/database.ts';
import { createMongoChainKeys } from '../store/mongo-chain-keys.ts';
import { createMongoLeases } from '../store/mongo-leases.ts';
import { createMongoRecords, type MongoRecords } from '../store/mongo-records.ts';
import { type HopSettings, hopSettings } from './hop-settings.ts';

/** Everything that a service says of itself. */
export interface Telemetry {
  readonly log: Log;
  readonly events: Events;
  /** Keeps the events from now on, for listeners that come later. */
  readonly stream: Stream;
  readonly breakers: Breakers;
  readonly identity: ServiceIdentity;
  readonly tracer: Tracer;
}

/** The documents of one service, and the database that keeps them. */
export interface Store {
  readonly database: Database;
  readonly records: MongoRecords;
  /** Absent unless replicas agree on who probes. */
  readonly leases: ProbeLeases | undefined;
  /** By which the hops of the chain know each other. */
  readonly keys: ChainKeys;
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
  const identity = { service: settings.ID, instance: `${settings.INSTANCE}:${settings.PORT}` };
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  logBreakers(events, log);
  logFaults(events, log);
  return {
    log,
    events,
    stream: createStream(events, identity),
    breakers: createBreakers({ events, clock: systemClock }),
    identity,
    tracer: openTracer({ ...identity, endpoint, version: packageJson.version, events, log }),
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
export function openStore(settings: HopSettings, timeLimits?: TimeLimits): Store {
  const database = createDatabase(settings.MONGO_URL, { timeLimits });
  const holder = `${settings.INSTANCE}:${settings.PORT}`;
  return {
    database,
    records: createMongoRecords(database, `${settings.ID}s`),
    leases: settings.SHARED_PROBE ? createMongoLeases(database, { holder, clock: systemClock }) : undefined,
    keys:
      settings.CHAIN_KEY === ''
        ? createMongoChainKeys(database, { clock: systemClock })
        : createGivenKeys(settings.CHAIN_KEY),
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
