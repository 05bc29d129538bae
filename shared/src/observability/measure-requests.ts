/**
 * Measures every request at the raw server, in front of admission, so that refusals are counted too.
 *
 * The route is a pattern of Express, never the path of the request: a client must not be able to create series.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { groupType } from '../delivery/group-format.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { RequestSample } from './metrics.ts';

/** What measuring needs. */
export interface MeasureOptions {
  readonly observe: (sample: RequestSample) => void;
  readonly clock: Clock;
  /** Paths that are routes themselves, for requests that were answered before Express. */
  readonly paths: ReadonlySet<string>;
  readonly handler: RequestListener;
}

/** The route of requests that match none. */
const unknownRoute = 'unknown';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Measures `handler`. Streams are left out: how long a client listens is no duration of work. */
export function measureRequests({ observe, clock, paths, handler }: MeasureOptions): RequestListener {
  return (request, response) => {
    const startedAt = clock();
    response.once('close', () => {
      if (isStream(response)) return;
      const { method = '' } = request;
      observe({
        method: methods.has(method) ? method : 'other',
        route: toRoute(request, paths),
        status: response.headersSent ? response.statusCode : clientLeft,
        ms: clock() - startedAt,
      });
    });
    handler(request, response);
  };
}

/** The status that nginx logs when the client closes the connection before the answer. */
const clientLeft = 499;

/** Express leaves the matched route on the request; one of one's own is a part of a route, whose pattern comes first. */
function toRoute(
  request: IncomingMessage & { route?: { path?: unknown }; holdfast?: { route: string } },
  paths: ReadonlySet<string>,
): string {
  if (request.holdfast !== undefined) return request.holdfast.route;
  if (typeof request.route?.path === 'string') return request.route.path;
  const [path = ''] = (request.url ?? '').split('?', 1);
  return paths.has(path) ? path : unknownRoute;
}

/** A stream, or a group whose entries are measured each. */
function isStream(response: ServerResponse): boolean {
  const type = `${response.getHeader('content-type')}`;
  return type.startsWith('text/event-stream') || type === groupType;
}
