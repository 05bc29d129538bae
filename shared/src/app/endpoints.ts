/**
 * The endpoints that show a service and, with LAB=1, change it: breakers, policy, faults, events and metrics.
 *
 * They subscribe to the event bus and read what telemetry keeps; hop.ts and deliver.ts know nothing of them.
 */
import { setTimeout as wait } from 'node:timers/promises';
import packageJson from '../../package.json' with { type: 'json' };
import type { Resource } from '../core/resource.ts';
import type { Faults } from '../faults/faults.ts';
import { breakerRoutes } from '../http/breaker-routes.ts';
import { type ControlSettings, guardControl } from '../http/control.ts';
import { eventRoutes } from '../http/event-routes.ts';
import { faultRoutes } from '../http/fault-routes.ts';
import { metricsRoute } from '../http/metrics-route.ts';
import { policyRoutes } from '../http/policy-routes.ts';
import type { ReadGate } from '../http/read-gate.ts';
import type { Routes } from '../http/route-table.ts';
import { stepRoutes } from '../http/step-routes.ts';
import { createDocumentCounts } from '../observability/document-counts.ts';
import type { Health } from '../observability/health.ts';
import { createMetrics, type Metrics } from '../observability/metrics.ts';
import { createRecentCalls } from '../observability/recent-calls.ts';
import { createRequestMeter, type RequestMeter } from '../observability/request-meter.ts';
import { createStatus } from '../observability/status.ts';
import { createVitals } from '../observability/vitals.ts';
import { monotonicClock, systemClock } from '../resilience/deadline.ts';
import type { MongoRecords } from '../store/mongo-records.ts';
import type { StateCounter } from '../store/state-counts.ts';
import type { OpenedHop } from './open-hop.ts';
import type { OpenedNext } from './open-next.ts';
import type { Telemetry } from './open-parts.ts';

/** What the endpoints show. */
export interface EndpointsOptions {
  readonly telemetry: Telemetry;
  readonly resource: Pick<Resource, 'singular' | 'plural'>;
  readonly records: Pick<MongoRecords, 'backlog' | keyof StateCounter>;
  readonly health: Health;
  readonly faults: Faults;
  /** Absent at the end of the chain. */
  readonly next: Pick<OpenedNext, 'retriesLeft' | 'policy'> | undefined;
  readonly hop: Pick<OpenedHop, 'relayBudgetLeft'>;
  readonly control: ControlSettings;
  readonly reads: ReadGate;
}

/** The endpoints of one service. */
export interface Endpoints {
  readonly routes: Routes;
  /** Counts the requests that are let in. */
  readonly meter: RequestMeter;
  readonly observeRequest: Metrics['observeRequest'];
  /** Ends every stream and every trial. */
  close(): void;
}

/** Opens the endpoints of one service. */
export function openEndpoints(options: EndpointsOptions): Endpoints {
  const { telemetry, resource, records, health, faults, next, hop, control, reads } = options;
  const { events, stream, breakers, identity } = telemetry;
  const { version } = packageJson;
  const clock = systemClock;
  const recentCalls = createRecentCalls({ events, clock: monotonicClock, breakers: breakers.list });
  const meter = createRequestMeter(monotonicClock);
  const counts = createDocumentCounts({
    records,
    clock,
    steadyClock: monotonicClock,
    sleep: (ms) => wait(ms, undefined, { ref: false }),
    onDifference: (sentence) => telemetry.log.warn(sentence),
  });
  const vitals = createVitals({ health, records, counts });
  const status = createStatus({
    identity,
    version,
    health,
    vitals,
    meter,
    breakers,
    recentCalls,
    faults,
    clock,
  });
  const eventStream = eventRoutes({
    ...{ stream, status, identity, stepName: resource.singular, clock },
    onCall: (listener) => events.on('call', listener),
  });
  const guard = guardControl(control);
  const metrics = createMetrics({
    ...identity,
    version,
    events,
    clock: monotonicClock,
    breakers: breakers.list,
    vitals,
    retriesLeft: next?.retriesLeft,
    relayBudgetLeft: hop.relayBudgetLeft,
    lateWork: health.lateWork,
    faults: faults.list,
  });

  return {
    routes: {
      ...breakerRoutes({ reads, breakers, stream, identity, clock, guard }),
      ...policyRoutes({ reads, policy: next?.policy, identity, clock, guard }),
      ...faultRoutes({ reads, faults, identity, clock, guard }),
      ...eventStream.routes,
      ...stepRoutes({ stream, identity, plural: resource.plural, clock, reads }),
      ...metricsRoute(metrics, reads),
    },
    meter,
    observeRequest: metrics.observeRequest,
    close() {
      eventStream.close();
      breakers.stop();
      counts.stop();
    },
  };
}
