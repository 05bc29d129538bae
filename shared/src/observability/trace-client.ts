/**
 * Puts a client span around every attempt of an HTTP client; the attempt goes out under the span as its parent.
 */

import type { Tracer } from '../core/tracer.ts';
import type { HttpClient } from '../resilience/http-client.ts';

/** Traces `client`; the parent of each span is the `traceparent` among the headers of the attempt. */
export function traceClient(client: HttpClient, tracer: Tracer): HttpClient {
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
        const answer = await client.send({ ...attempt, headers: { ...span.passOn(attempt.headers) } });
        span.set({ 'http.response.status_code': answer.status });
        return answer;
      }),
    close: () => client.close(),
  };
}
