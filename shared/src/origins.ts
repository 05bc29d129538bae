/**
 * Which pages of other origins may call this service (CORS): none, but for those that `CORS_ORIGINS` lists.
 *
 * It stands in front of everything, so that a refusal can be read by the same pages as an answer, and by no others.
 * Without a preflight a page can send no JSON, and what is not JSON is refused (json-body.ts): closed to be read is
 * closed to create.
 */
import type { RequestListener } from 'node:http';

/** Headers that a page may read. */
const exposed = ['Location', 'Retry-After', 'Idempotent-Replayed', 'Fault-Injected', 'X-Request-Id', 'Allow'];
/** Headers that a page may send. What only a hop may say is not among them. */
const sendable = [
  'Content-Type',
  'Request-Timeout-Ms',
  'X-Request-Id',
  'traceparent',
  'tracestate',
  'X-Release',
];

/** Who may call from a browser. */
export interface OriginParts {
  /** Origins as a browser writes them. */
  readonly origins: readonly string[];
  /** Whether pages may ask for faults. */
  readonly controls: boolean;
  readonly handler: RequestListener;
}

/** Lets the pages of `origins` read and create; what changes a service is for its own origin (control.ts). */
export function letOrigins({ origins, controls, handler }: OriginParts): RequestListener {
  const allowed = new Set(origins);
  const headers = [...sendable, ...(controls ? ['Lab-Fault'] : [])].join(', ');
  return (request, response) => {
    const { origin } = request.headers;
    const isAllowed = origin !== undefined && allowed.has(origin);
    if (allowed.size > 0) response.setHeader('Vary', 'Origin');
    if (isAllowed) response.setHeader('Access-Control-Allow-Origin', origin);
    if (request.method !== 'OPTIONS') {
      if (isAllowed) response.setHeader('Access-Control-Expose-Headers', exposed.join(', '));
      return handler(request, response);
    }
    if (isAllowed) {
      response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST');
      response.setHeader('Access-Control-Allow-Headers', headers);
      response.setHeader('Access-Control-Max-Age', '600');
    }
    response.writeHead(204).end();
  };
}
