/**
 * The headers that travel along the chain with a document, whoever hands it on: a request or the relay.
 */
import type { IncomingMessage } from 'node:http';
import type { ForwardRequest } from './resilience/forward.ts';

/** What a document's journey is known by. */
export interface Journey {
  readonly requestId: string;
  /** The services that it came through, and the one that hands it on. */
  readonly via: readonly string[];
  readonly service: string;
  /** W3C trace context, passed on as it came. */
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
  /** Which release of each service the customer is meant for; a proxy in front of a service chooses by it. */
  readonly release?: string | undefined;
  /** The headers of faults that were asked for along the chain. */
  readonly faults?: Readonly<Record<string, string>>;
}

/** Writes the journey as headers; `Via` is RFC 9110's. */
export function toPassedOn({
  requestId,
  via,
  service,
  traceparent,
  tracestate,
  release,
  faults = {},
}: Journey): ForwardRequest['passedOn'] {
  return {
    'X-Request-Id': requestId,
    Via: [...via, service].map((name) => `1.1 ${name}`).join(', '),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(traceparent === undefined || tracestate === undefined ? {} : { tracestate }),
    ...(release === undefined ? {} : { 'X-Release': release }),
    ...faults,
  };
}

/** Reads what a request brings along for the whole chain, whether it creates or reads. */
export function parseBrought({
  headers,
}: IncomingMessage): Pick<Journey, 'traceparent' | 'tracestate' | 'release'> {
  return {
    traceparent: headers.traceparent?.toString(),
    tracestate: headers.tracestate?.toString(),
    release: parseRelease(headers['x-release']?.toString()),
  };
}

/** One of another form selects nothing and is not passed on. */
function parseRelease(header: string | undefined): string | undefined {
  return header !== undefined && /^[a-z0-9-]{1,32}$/.test(header) ? header : undefined;
}
