/**
 * Which pages of other origins may call this service (CORS): only those that `CORS_ORIGINS` lists.
 *
 * It runs in front of everything, so that the same pages can read refusals and answers. Without a preflight a page
 * cannot send JSON, and anything else is refused (json-body.ts), so a page that may not read may not create either. With
 * LAB=1 a page whose own name was rebound to this machine counts as another origin too.
 */
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { toProblem } from '../core/problem.ts';
import { type ControlSettings, findForeignHost } from './control.ts';
import { sendProblem } from './send.ts';

/** Headers that a page may read. */
const exposed = ['Location', 'Retry-After', 'Idempotent-Replayed', 'Fault-Injected', 'X-Request-Id', 'Allow'];
/** Headers that a page may send: neither those of hops nor `Lab-Fault`, which is a control. */
const sendable = [
  'Content-Type',
  'Request-Timeout-Ms',
  'X-Request-Id',
  'traceparent',
  'tracestate',
  'X-Release',
];

/** Who may call from a browser, and what is called then. */
export interface CorsOptions {
  /** Origins as a browser writes them. */
  readonly origins: readonly string[];
  /** Whether this service has controls, and its names. */
  readonly control: Pick<ControlSettings, 'enabled' | 'names'>;
  readonly service: string;
  readonly handler: RequestListener;
}

/** Lets the pages of `origins` read and create; what changes a service is for its own origin (control.ts). */
export function handleCors({ origins, control, service, handler }: CorsOptions): RequestListener {
  const allowed = new Set(origins);
  return (request, response) => {
    const { origin } = request.headers;
    const isAllowed = origin !== undefined && allowed.has(origin);
    // No page can embed an answer as a script, an image or a style. A POST without an origin is no page's.
    if (origin !== undefined || request.method !== 'POST') {
      response.setHeader('X-Content-Type-Options', 'nosniff');
      response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    }
    const foreign = control.enabled ? findForeignHost(request, control.names) : undefined;
    if (foreign !== undefined) {
      return sendProblem(response, { service, requestId: randomUUID() }, toProblem(foreign, false));
    }
    if (allowed.size > 0) response.setHeader('Vary', 'Origin');
    if (isAllowed) response.setHeader('Access-Control-Allow-Origin', origin);
    if (request.method !== 'OPTIONS') {
      if (isAllowed) response.setHeader('Access-Control-Expose-Headers', exposed.join(', '));
      return handler(request, response);
    }
    if (isAllowed) {
      response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST');
      response.setHeader('Access-Control-Allow-Headers', sendable.join(', '));
      response.setHeader('Access-Control-Max-Age', '600');
    }
    response.writeHead(204).end();
  };
}
