/**
 * Puts together what becomes of documents: creates take them, the relay carries on those that are pending, and both
 * deliver to the next hop. Nothing runs yet.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFailpoint } from '../core/failpoint.ts';
import type { Body, Resource } from '../core/resource.ts';
import { createDeliver } from '../delivery/deliver.ts';
import { type Create, createHop } from '../delivery/hop.ts';
import { toPropagatedHeaders } from '../delivery/propagated-headers.ts';
import { type Relay, startRelay } from '../delivery/relay.ts';
import { watchCreate, watchDelivery } from '../observability/document-steps.ts';
import { logRelay } from '../observability/relay-log.ts';
import { traceDelivery } from '../observability/trace-work.ts';
import { createDeadline, systemClock } from '../resilience/deadline.ts';
import type { HopSettings } from './hop-settings.ts';
import type { OpenedNext } from './open-next.ts';
import type { Store, Telemetry } from './open-parts.ts';

/** Old work at once: enough to fill the database's groups of writes, and little beside what is new. */
const maxDeliveries = 32;

/** What a hop is made of. */
export interface OpenHopOptions<B extends Body> {
  readonly settings: HopSettings;
  readonly telemetry: Telemetry;
  readonly resource: Resource<B>;
  readonly store: Pick<Store, 'records'>;
  readonly next: OpenedNext | undefined;
}

/** The work of one service on its documents. */
export interface OpenedHop {
  readonly create: Create;
  /** Begins to carry on what is pending; at the end of the chain nothing ever is. */
  startRelay(): void;
  /** Ends the relay, and gives back the leases that a late answer of the database left in this process's name. */
  stop(): Promise<void>;
}

/** Opens the hop of a service. */
export function openHop<B extends Body>(options: OpenHopOptions<B>): OpenedHop {
  const { settings, telemetry, resource, next } = options;
  const { log, events, tracer, identity } = telemetry;
  const { records } = options.store;
  const service = settings.ID;
  const nextName = next?.name ?? service;
  const leaseMs = settings.REQUEST_TIMEOUT_MS + 2000;
  const holder = `${identity.instance}/${randomUUID().slice(0, 8)}/`;
  let leases = 0;
  const parts = {
    resource,
    service,
    records,
    clock: systemClock,
    random: Math.random,
    createLease: () => ({ by: `${holder}${++leases}`, due: new Date(systemClock() + leaseMs) }),
    failpoint: createFailpoint(settings.FAILPOINT, () => process.kill(process.pid, 'SIGKILL')),
  };
  const emit = logRelay(log);
  const watch = { events, clock: systemClock, next: nextName };
  const deliver =
    next &&
    createDeliver({ ...parts, next, alarm: (id, reason) => emit({ kind: 'misconfigured', id, reason }) });
  const create = createHop({
    ...parts,
    deliver: deliver && watchDelivery(deliver, { ...watch, by: 'request' }),
    nextName,
    wake: () => relay?.wake(),
    maxHops: settings.JUMPS,
  });
  let relay: Relay | undefined;

  return {
    create: watchCreate(create, watch),
    startRelay() {
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
        sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
        maxActive: Math.max(1, Math.min(maxDeliveries, Math.floor(settings.BULKHEAD_MAX / 2))),
        emit,
      });
      next.onAppear(relay.wake);
    },
    async stop() {
      await relay?.stop();
      await records.release(holder, new Date(systemClock())).catch(() => undefined);
    },
  };
}
