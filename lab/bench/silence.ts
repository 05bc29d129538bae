/**
 * Stand-ins for what a service does on each order only so that somebody may look: events of calls and documents, steps,
 * spans and scopes of log lines, measuring and counting of requests.
 *
 * Rare events pass, and so does what the breaker itself counts. `quiet.ts` puts this module in the place of the real ones.
 */
import type * as steps from '@holdfast/shared/observability/document-steps.ts';
import type * as measuring from '@holdfast/shared/observability/measure-requests.ts';
import type * as meter from '@holdfast/shared/observability/request-meter.ts';
import * as scopes from '@holdfast/shared/observability/scope.ts';
import type * as traces from '@holdfast/shared/observability/trace-work.ts';
import * as buses from '@holdfast/shared/resilience/event-bus.ts';

const frequent = new Set<PropertyKey>(['call', 'document']);

/** A bus on which nobody hears of single calls and documents. */
export const createEventBus: typeof buses.createEventBus = <Content>() => {
  const bus = buses.createEventBus<Content>();
  const emit: typeof bus.emit = (kind, event) => {
    if (!frequent.has(kind)) bus.emit(kind, event);
  };
  return { ...bus, emit };
};

/** No steps of creates. */
export const watchCreate: typeof steps.watchCreate = (create) => create;
/** No steps of deliveries. */
export const watchDelivery: typeof steps.watchDelivery = (deliver) => deliver;

/** No measured requests. */
export const measureRequests: typeof measuring.measureRequests = ({ handler }) => handler;
/** No counted requests. */
export const createRequestMeter: typeof meter.createRequestMeter = () => ({
  begin: () => undefined,
  end: () => undefined,
  view: () => ({ perSecond: 0, active: 0 }),
});

/** No scope. */
export const inScope: typeof scopes.inScope = (_, work) => work();
/** The fields of no scope. */
export const scopeFields: typeof scopes.scopeFields = scopes.scopeFields;

/** No spans of requests. */
export const traceRequest: typeof traces.traceRequest = (_, handler) => handler;
/** No spans of deliveries. */
export const traceDelivery: typeof traces.traceDelivery = (_, deliver) => deliver;
