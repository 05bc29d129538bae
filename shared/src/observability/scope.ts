/**
 * The request that a call to a neighbour belongs to, so that the log lines of its breaker name it: a breaker knows
 * nothing of requests, and emits its events later than the function that called it.
 *
 * Only logs read it. Headers and spans are passed as arguments.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { parseTraceparent } from '../core/tracer.ts';

/** How log lines name a request. */
export interface Scope {
  readonly requestId: string | undefined;
  /** W3C trace context of the request, or of the span around it. */
  readonly traceparent: string | undefined;
}

const storage = new AsyncLocalStorage<Scope>();

/** Runs `work` in a scope, with everything that it starts. */
export function inScope<T>(scope: Scope, work: () => T): T {
  return storage.run(scope, work);
}

/** The fields of a log line about its request; empty outside of any scope. */
export function scopeFields(scope = storage.getStore()): { requestId?: string; traceId?: string } {
  if (scope === undefined) return {};
  const { requestId } = scope;
  const traceId = parseTraceparent(scope.traceparent)?.traceId;
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}
