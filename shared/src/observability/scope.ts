/**
 * Which request a piece of work belongs to, so that a log line can say it without every function carrying it along.
 *
 * Only logs read it. Headers and spans are handed from function to function, where a reader can see them.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { parseTraceparent } from '../core/tracer.ts';

/** What work is known by. */
export interface Scope {
  readonly requestId: string | undefined;
  /** W3C trace context of the request, or of the span around it. */
  readonly traceparent: string | undefined;
}

const storage = new AsyncLocalStorage<Scope>();

/** Runs `work` in a scope; what it begins and waits for is in it too. */
export function inScope<T>(scope: Scope, work: () => T): T {
  return storage.run(scope, work);
}

/** What a log line says about its request; empty outside of any. */
export function scopeFields(scope = storage.getStore()): { requestId?: string; traceId?: string } {
  if (scope === undefined) return {};
  const { requestId } = scope;
  const traceId = parseTraceparent(scope.traceparent)?.traceId;
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}
