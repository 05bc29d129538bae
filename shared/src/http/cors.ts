/**
 * Which pages of other origins may call this service (CORS): none, but for those that `CORS_ORIGINS` lists.
 *
 * It stands in front of everything, so that a refusal can be read by the same pages as an answer, and by no others.
 * Without a preflight a page can send no JSON, and what is not JSON is refused (json-body.ts): closed to be read is
 * closed to create. With LAB=1, which is where browsers are, a page whose own name was bound to this machine is of another
 * origin, too.
 */
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { toProblem } from '../core/problem.ts';
import { type ControlSettings, findForeignHost } from './control.ts';
import { sendProblem } from './send.ts';

/** Headers that a page may read. */
const exposed = ['Location', 'Retry-After', 'Idempotent-Replayed', 'Fault-Injected', 'X-Request-Id', 'Allow'];
/** Headers that a page may send. What only a hop may say is not among them, nor what asks for a fault: that is a control. */
const sendable = [
  'Content-Type',
  'Request-Timeout-Ms',
  'X-Request-Id',
  'traceparent',
  'tracestate',
  'X-Release',
];

/** Who may call from a browser. */
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
    // No page makes an answer a part of itself, whatever it takes it for.
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
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
