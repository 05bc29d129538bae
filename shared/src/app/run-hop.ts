/**
 * Runs one hop in this process: hop → routes → listen → relay. As a process of its own it is in serve.ts.
 *
 * The port is taken at once, so that a wrong one is said at once; until the database is there and the indexes are
 * built, every create is answered 503 `starting`.
 */
import { randomUUID } from 'node:crypto';
import { StoreUnavailableError, toLogged } from '../core/errors.ts';
import { createFailpoint } from '../core/failpoint.ts';
import type { Body, Resource } from '../core/resource.ts';
import { createDeliver } from '../delivery/deliver.ts';
import { createHop } from '../delivery/hop.ts';
import { toPropagatedHeaders } from '../delivery/propagated-headers.ts';
import { type Relay, startRelay } from '../delivery/relay.ts';
import { announceLocally } from '../discovery/local.ts';
import type { Source } from '../discovery/source.ts';
import { createAdmission } from '../http/admission.ts';
import type { ControlSettings } from '../http/control.ts';
import { handleCors } from '../http/cors.ts';
import { createFaultGate } from '../http/fault-gate.ts';
import { listen } from '../http/lifecycle.ts';
import { createReadGate } from '../http/read-gate.ts';
import { requireClearFraming } from '../http/transfer-coding.ts';
import { watchCreate, watchDelivery } from '../observability/document-steps.ts';
import { createHealth } from '../observability/health.ts';
import { limitLog } from '../observability/limited-log.ts';
import type { Log } from '../observability/log.ts';
import { measureRequests } from '../observability/measure-requests.ts';
import { logRelay } from '../observability/relay-log.ts';
import { traceDelivery } from '../observability/trace-work.ts';
import { createChainGate } from '../proof/chain-gate.ts';
import type { ChainKeys } from '../proof/chain-keys.ts';
import { createDeadline, monotonicClock, systemClock } from '../resilience/deadline.ts';
import type { MongoRecords } from '../store/mongo-records.ts';
import { openEndpoints } from './endpoints.ts';
import type { HopSettings } from './hop-settings.ts';
import type { Neighbour } from './open-next.ts';
import { openFaults, type Store, type Telemetry } from './open-parts.ts';
import { createService } from './service.ts';

/** Old work at once: enough to fill the database's groups of writes, and little beside what is new. */
const maxDeliveries = 32;

/** A service that runs in this process. */
export interface RunningHop {
  readonly url: string;
  /** Resolves when the database is there and creates are taken, or when it is stopped before that. */
  readonly ready: Promise<void>;
  /** Leaves step by step: unready, finish what is under way, close. */
  stop(): Promise<void>;
}

/** What `runHop` puts together. */
export interface RunOptions<B extends Body> {
  readonly settings: HopSettings;
  readonly telemetry: Telemetry;
  readonly resource: Resource<B>;
  readonly store: Store;
  readonly next: Neighbour | undefined;
  /** What a fault of type crash does; it kills this process unless told otherwise. */
  readonly crash?: (fault: string) => void;
}

/**
 * Runs one hop in this process.
 * @throws {ListenError} when the port cannot be used.
 */
export async function runHop<B extends Body>({
  settings,
  telemetry,
  resource,
  store,
  next,
  crash,
}: RunOptions<B>): Promise<RunningHop> {
  const { database, records, keys } = store;
  const chain = createChainGate(keys);
  const { log, events, tracer } = telemetry;
  const { instance } = telemetry.identity;
  const clock = systemClock;
  const faults = openFaults(settings, telemetry, crash);
  const health = createHealth(database, () => faults.unready({ counted: false })?.detail);
  const boot = randomUUID().slice(0, 8);
  let tokens = 0;
  const leaseMs = settings.REQUEST_TIMEOUT_MS + 2000;
  const createLease = () => ({
    by: `${instance}/${boot}/${++tokens}`,
    due: new Date(systemClock() + leaseMs),
  });
  const failpoint = createFailpoint(settings.FAILPOINT, () => process.kill(process.pid, 'SIGKILL'));
  const service = settings.ID;
  const parts = {
    resource,
    service,
    records,
    clock: systemClock,
    random: Math.random,
    createLease,
    failpoint,
  };
  const emit = logRelay(log);
  const alarm = (id: string, reason: string) => emit({ kind: 'misconfigured', id, reason });
  const deliver = next && createDeliver({ ...parts, next, alarm });
  const watch = { events, clock, next: next?.name ?? service };
  let relay: Relay | undefined;
  const create = createHop({
    ...parts,
    deliver: deliver && watchDelivery(deliver, { ...watch, by: 'request' }),
    nextName: next?.name ?? service,
    wake: () => relay?.wake(),
    jumps: settings.JUMPS,
  });
  const control: ControlSettings = {
    enabled: settings.LAB,
    token: settings.LAB_TOKEN,
    names: [service, ...settings.LAB_HOSTS.toLowerCase().split(',').filter(Boolean)],
  };
  const reads = createReadGate({ isBusy: () => admission.isBusy() });
  const endpoints = openEndpoints({ reads, telemetry, resource, records, health, faults, next, control });
  const requestTimeoutMs = settings.REQUEST_TIMEOUT_MS;
  const admission = createAdmission({
    service,
    max: settings.ADMISSION_MAX,
    requestTimeoutMs,
    clock: monotonicClock,
    random: Math.random,
    phase: health.phase,
    chain,
    meter: endpoints.meter,
  });
  const app = createService({
    resource,
    service,
    instance,
    release: settings.RELEASE,
    commit: settings.COMMIT,
    controls: settings.LAB,
    requestTimeoutMs,
    clock: monotonicClock,
    gate: createFaultGate({ faults, service, control, requestTimeoutMs, clock: monotonicClock }),
    create: watchCreate(create, watch),
    chain,
    admission,
    records,
    health,
    reads,
    next,
    log,
    tracer,
    routes: endpoints.routes,
  });
  const server = await listen(
    { host: settings.HOST, port: settings.PORT, service },
    measureRequests({
      observe: endpoints.observeRequest,
      clock: monotonicClock,
      paths: new Set(['/create', `/${resource.plural}`]),
      handler: handleCors({
        origins: settings.CORS_ORIGINS.split(',').filter(Boolean),
        control,
        service,
        handler: admission.guard(requireClearFraming(service, app)),
      }),
    }),
  );

  let announced: Source | undefined;
  const ready = (async () => {
    await tracer.ready;
    await database.connect((reason) => log.warn(`waiting for the database: ${reason}`));
    const isStarting = () => health.phase() === 'starting';
    await prepare({ records, keys, instance, log, isStarting });
    if (!isStarting()) return;
    health.enter('serving');
    if (settings.DISCOVERY) announced = announce({ settings, instance, url: server.url, keys, log });
    if (next === undefined || deliver === undefined) return;
    relay = startRelay({
      ...parts,
      deliver: traceDelivery(tracer, watchDelivery(deliver, { ...watch, by: 'relay' })),
      isCallPermitted: next.isCallPermitted,
      isProbe: next.isProbe,
      leaseMs,
      createDeliveryOptions: ({ out }) => ({
        deadline: createDeadline(settings.REQUEST_TIMEOUT_MS),
        propagatedHeaders: toPropagatedHeaders({ requestId: randomUUID(), via: out?.via ?? [], service }),
        callerRetries: true,
      }),
      sleep: sleepUntil,
      maxActive: Math.max(1, Math.min(maxDeliveries, Math.floor(settings.BULKHEAD_MAX / 2))),
      emit,
    });
    next.onAppear(relay.wake);
  })();

  return {
    url: server.url,
    ready,
    async stop() {
      health.enter('stopping');
      await announced?.stop();
      await wait(settings.DRAIN_MS);
      faults.stop();
      endpoints.close();
      await server.close(settings.REQUEST_TIMEOUT_MS + 1000);
      await relay?.stop();
      // A clean stop is no death: what a late answer of the database left in this process's name is given back.
      await records.release(`${instance}/${boot}/`, new Date(systemClock())).catch(() => undefined);
      await Promise.all([next?.close(), tracer.stop(), database.close()]);
    },
  };
}

/** Tells the local network where this instance is, so that neighbours with `local+http://` find it. */
function announce({
  settings,
  instance,
  url,
  keys,
  log,
}: {
  settings: HopSettings;
  instance: string;
  url: string;
  keys: ChainKeys;
  log: Log;
}): Source {
  const network = { interface: settings.DISCOVERY_INTERFACE, group: settings.DISCOVERY_GROUP };
  const write = limitLog(log);
  return announceLocally({ service: settings.ID, instance, url }, network, keys, (message) =>
    write({ cause: 'discovery', level: 'warn', fields: { event: 'discovery' }, message }),
  );
}

/**
 * Gets the keys of the chain, builds the indexes and takes back this instance's own leases, however long it takes: the
 * database may go away in between, and an index over many documents may take an hour. Meanwhile the service is `starting`.
 */
async function prepare({
  records,
  keys,
  instance,
  log,
  isStarting,
}: {
  records: MongoRecords;
  keys: ChainKeys;
  instance: string;
  log: Log;
  isStarting: () => boolean;
}): Promise<void> {
  for (let attempt = 1; isStarting(); attempt += 1) {
    try {
      await keys.load();
      await records.prepare();
      await records.reclaim(`${instance}/`, new Date(systemClock()));
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      if (attempt % 12 === 1) log.warn(`waiting for the indexes: ${toLogged(error)}`);
      await wait(Math.min(5_000, 250 * attempt));
    }
  }
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
