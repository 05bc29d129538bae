/**
 * Puts the outermost spans around the work of a service: one around each create request, one around each turn of the relay.
 *
 * What is inside does not know that it is traced: it finds the span's `traceparent` where the caller's would be.
 */
import type { Request, RequestHandler } from 'express';
import { toProblem } from '../core/problem.ts';
import type { Tracer } from '../core/tracer.ts';
import type { Deliver } from '../delivery/deliver.ts';
import { inScope } from './scope.ts';

/** Traces a handler that answers by itself; the parent is the caller's `traceparent`. */
export function traceRequest(tracer: Tracer, handler: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const parent = traceHeadersOf(request);
    const route = String(request.route.path);
    return tracer.span(`${request.method} ${route}`, { kind: 'server', parent }, async (span) => {
      if (span.isRecorded) {
        Object.assign(request.headers, span.propagate(parent));
        span.set({ 'http.request.method': request.method, 'http.route': route, 'url.path': request.path });
      }
      const { 'x-request-id': requestId, traceparent } = request.headers;
      try {
        await inScope({ requestId: toText(requestId), traceparent: toText(traceparent) }, () =>
          handler(request, response, next),
        );
        span.set({ 'http.response.status_code': response.statusCode });
      } catch (error) {
        span.set({ 'http.response.status_code': toProblem(error, false).problem.status });
        throw error;
      }
    });
  };
}

/** Traces the turns of the relay: each is a trace of its own, since the request that left the document is long over. */
export function traceDelivery(tracer: Tracer, deliver: Deliver): Deliver {
  return (record, by, how) =>
    tracer.span('relay turn', { kind: 'internal' }, (span) => {
      const propagatedHeaders = span.propagate(how.propagatedHeaders);
      const { 'X-Request-Id': requestId, traceparent } = propagatedHeaders;
      return inScope({ requestId, traceparent }, () => deliver(record, by, { ...how, propagatedHeaders }));
    });
}

function traceHeadersOf({ headers }: Request): Record<string, string> {
  const traceparent = toText(headers.traceparent);
  const tracestate = toText(headers.tracestate);
  return {
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
  };
}

function toText(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
