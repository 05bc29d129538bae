/**
 * The outermost spans of a service: one for each create request, one for each delivery of the relay.
 *
 * The traced code knows nothing of it: it finds the span's `traceparent` in place of the caller's.
 */
import type { Request, RequestHandler } from 'express';
import { toProblem } from '../core/problem.ts';
import { noTracer, type Tracer } from '../core/tracer.ts';
import type { Deliver } from '../delivery/deliver.ts';

/** Traces a handler; the parent is the caller's `traceparent`. While tracing is off it is the handler itself. */
export function traceRequest(tracer: Tracer, handler: RequestHandler): RequestHandler {
  if (tracer === noTracer) return handler;
  return (request, response, next) => {
    const parent = traceHeadersOf(request);
    const route = String(request.route.path);
    return tracer.span(`${request.method} ${route}`, { kind: 'server', parent }, async (span) => {
      if (span.isRecorded) {
        Object.assign(request.headers, span.propagate(parent));
        span.set({ 'http.request.method': request.method, 'http.route': route, 'url.path': request.path });
      }
      try {
        await handler(request, response, next);
        span.set({ 'http.response.status_code': response.statusCode });
      } catch (error) {
        span.set({ 'http.response.status_code': toProblem(error, false).problem.status });
        throw error;
      }
    });
  };
}

/** Traces the deliveries of the relay, each in a trace of its own, since the request has ended long before. */
export function traceDelivery(tracer: Tracer, deliver: Deliver): Deliver {
  return (record, by, how) =>
    tracer.span('relay turn', { kind: 'internal' }, (span) =>
      deliver(record, by, { ...how, propagatedHeaders: span.propagate(how.propagatedHeaders) }),
    );
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
