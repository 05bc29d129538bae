/**
 * Puts together what becomes of documents: creates take them, the relay carries on those that are pending, and both
 * deliver to the next hop. Nothing runs yet.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createFailpoint } from '../core/failpoint.ts';
import type { Body, Resource } from '../core/resource.ts';
import { createDeliver } from '../delivery/deliver.ts';
import { type Create, createHop } from '../delivery/hop.ts';
import { toPropagatedHeaders } from '../delivery/propagated-headers.ts';
import { earning, type Relay, startRelay } from '../delivery/relay.ts';
import { createUnsettled } from '../delivery/unsettled.ts';
import { watchCreate, watchDelivery } from '../observability/document-steps.ts';
import { logRelay } from '../observability/relay-log.ts';
import { traceDelivery } from '../observability/trace-work.ts';
import { createRetryBudget } from '../resilience/budget.ts';
import { createDeadline, systemClock } from '../resilience/deadline.ts';
import type { HopSettings } from './hop-settings.ts';
import type { OpenedNext } from './open-next.ts';
import type { Store, Telemetry } from './open-parts.ts';

/** Old work at once: enough to fill the database's groups of writes, and little beside what is new. */
const maxDeliveries = 32;

/** What the relay may ask in vain each second, however few customers there are. */
const relayMinPerSecond = 5;

/** Final states that may be stored after their answer: some tenths of a second of work, and few megabytes. */
const maxUnsettled = 1000;

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
  /** As whoever got an answer here must see them. */
  readonly records: Store['records'];
  /** Begins to carry on what is pending; at the end of the chain nothing ever is. */
  startRelay(): void;
  /** What the relay could ask in vain now; absent at the end of the chain. */
  readonly relayBudgetLeft: (() => number) | undefined;
  /** Ends the relay, stores what is answered already, and gives back the leases that a late answer of the database left in this process's name. */
  stop(): Promise<void>;
}

/** Opens the hop of a service. */
export function openHop<B extends Body>(options: OpenHopOptions<B>): OpenedHop {
  const { settings, telemetry, resource, next } = options;
  const { log, events, tracer, identity } = telemetry;
  const service = settings.ID;
  const nextName = next?.name ?? service;
  const leaseMs = settings.REQUEST_TIMEOUT_MS + 2000;
  const holder = `${identity.instance}/${randomUUID().slice(0, 8)}/`;
  let leases = 0;
  const parts = {
    resource,
    service,
    records: options.store.records,
    clock: systemClock,
    random: Math.random,
    createLease: () => ({ by: `${holder}${++leases}`, due: new Date(systemClock() + leaseMs) }),
    failpoint: createFailpoint(settings.FAILPOINT, () => process.kill(process.pid, 'SIGKILL')),
  };
  const emit = logRelay(log);
  const sleep = (ms: number, signal: AbortSignal) => wait(ms, undefined, { signal }).catch(() => undefined);
  const { records, ...unsettled } = createUnsettled({
    ...parts,
    max: maxUnsettled,
    sleep,
    alarm: (id, reason) => emit({ kind: 'contradiction', id, reason }),
  });
  const budget = createRetryBudget({
    ratio: settings.RELAY_BUDGET_RATIO,
    minPerSecond: relayMinPerSecond,
  });
  const watch = { events, clock: systemClock, next: nextName };
  const createOwnDeliver = (to: OpenedNext, defer?: typeof unsettled.defer) =>
    createDeliver({
      ...parts,
      next: to,
      alarm: (id, reason) => emit({ kind: 'misconfigured', id, reason }),
      ...(defer === undefined ? {} : { defer }),
    });
  const create = createHop({
    ...parts,
    records,
    deliver:
      next &&
      watchDelivery(earning(createOwnDeliver(next, unsettled.defer), budget), { ...watch, by: 'request' }),
    nextName,
    wake: () => relay?.wake(),
    maxHops: settings.JUMPS,
  });
  let relay: Relay | undefined;

  return {
    create: watchCreate(create, watch),
    records,
    relayBudgetLeft: next && budget.left,
    startRelay() {
      if (next === undefined) return;
      relay = startRelay({
        ...parts,
        deliver: traceDelivery(tracer, watchDelivery(createOwnDeliver(next), { ...watch, by: 'relay' })),
        isCallPermitted: next.isCallPermitted,
        isProbe: next.isProbe,
        leaseMs,
        createDeliveryOptions: ({ out }) => ({
          deadline: createDeadline(settings.REQUEST_TIMEOUT_MS),
          propagatedHeaders: toPropagatedHeaders({ requestId: randomUUID(), via: out?.via ?? [], service }),
          callerRetries: true,
          background: true,
        }),
        sleep,
        budget,
        get maxActive() {
          return Math.max(1, Math.min(maxDeliveries, Math.floor(next.policy.current.bulkhead.maxActive / 2)));
        },
        emit,
      });
      next.onAppear(relay.wake);
    },
    async stop() {
      await relay?.stop();
      await unsettled.stop();
      await records.release(holder, new Date(systemClock())).catch(() => undefined);
    },
  };
}
