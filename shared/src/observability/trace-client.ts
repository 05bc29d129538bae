/**
 * Traces calls to a neighbour: a span for each call through a breaker, and a client span for each attempt, which
 * becomes the parent of the request.
 */
import { noTracer, type Tracer, toBreakerSpanName } from '../core/tracer.ts';
import type { HttpClient } from '../resilience/http-client.ts';
import type { AroundCall } from '../resilience/pipeline.ts';
import { inScope } from './scope.ts';

/**
 * Traces `client`; the parent of each span is the `traceparent` among the headers of the attempt. While tracing is off
 * it is the client itself.
 */
export function traceClient(client: HttpClient, tracer: Tracer): HttpClient {
  if (tracer === noTracer) return client;
  return {
    send: (attempt) =>
      tracer.span(attempt.method, { kind: 'client', parent: attempt.headers }, async (span) => {
        if (!span.isRecorded) return client.send(attempt);
        const { origin, pathname, hostname, port, protocol } = new URL(attempt.url);
        span.set({
          'http.request.method': attempt.method,
          'url.full': `${origin}${pathname}`,
          'server.address': hostname,
          'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
        });
        const answer = await client.send({ ...attempt, headers: { ...span.propagate(attempt.headers) } });
        span.set({ 'http.response.status_code': answer.status });
        return answer;
      }),
    close: () => client.close(),
  };
}

/**
 * Traces every call through a breaker, rejected ones too, so that a trace shows why nothing was sent; and lets the log
 * lines of the breaker name the request.
 */
export function traceCalls(tracer: Tracer): AroundCall {
  return (breaker, propagatedHeaders, work) =>
    tracer.span(toBreakerSpanName(breaker), { kind: 'internal', parent: propagatedHeaders }, (span) => {
      const headers = span.propagate(propagatedHeaders);
      const { 'X-Request-Id': requestId, traceparent } = headers;
      return inScope({ requestId, traceparent }, () => work(headers));
    });
}
