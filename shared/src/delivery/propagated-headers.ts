/**
 * The headers that travel along the chain with a document, whoever hands it on: a request or the relay.
 *
 * All of them are of a known form and length: what a caller may send must never be more than the next hop takes, or a
 * document would be accepted that nobody can hand on.
 */
import type { IncomingMessage } from 'node:http';
import { parseTraceparent, toTraceparent } from '../core/tracer.ts';
import type { ForwardRequest } from './forward.ts';

/** What a document's journey is known by. */
export interface PropagatedContext {
  readonly requestId: string;
  /** The services that it came through, and the one that hands it on. */
  readonly via: readonly string[];
  readonly service: string;
  /** W3C trace context, as `parseBrought` let it pass. */
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
  /** Which release of each service the customer is meant for; a proxy in front of a service chooses by it. */
  readonly release?: string | undefined;
  /** The headers of faults that were asked for along the chain. */
  readonly faults?: Readonly<Record<string, string>>;
}

/** Writes the journey as headers; `Via` is RFC 9110's. */
export function toPropagatedHeaders({
  requestId,
  via,
  service,
  traceparent,
  tracestate,
  release,
  faults = {},
}: PropagatedContext): ForwardRequest['propagatedHeaders'] {
  return {
    'X-Request-Id': requestId,
    Via: toServices([...via, service])
      .map((name) => `1.1 ${name}`)
      .join(', '),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(traceparent === undefined || tracestate === undefined ? {} : { tracestate }),
    ...(release === undefined ? {} : { 'X-Release': release }),
    ...faults,
  };
}

/** Reads what a request brings along for the whole chain, whether it creates or reads. */
export function parsePropagatedHeaders({
  headers,
}: IncomingMessage): Pick<PropagatedContext, 'traceparent' | 'tracestate' | 'release'> {
  const place = parseTraceparent(headers.traceparent?.toString());
  return {
    traceparent: place && toTraceparent(place),
    tracestate: parseTracestate(headers.tracestate?.toString()),
    release: parseRelease(headers['x-release']?.toString()),
  };
}

/** The services that a `Via` header names (RFC 9110, 7.6.3); proxies with names of another form are passed over. */
export function parseVia(header: string | undefined): string[] {
  return toServices((header ?? '').split(',').flatMap((hop) => hop.trim().split(/\s+/).slice(1, 2)));
}

/** Longest way that is remembered; the last services are those that a ring would come back to first. */
const maxVia = 64;

function toServices(names: readonly string[]): string[] {
  return names.filter((name) => /^[a-z][a-z0-9-]{0,31}$/.test(name)).slice(-maxVia);
}

/** The form of one member (W3C Trace Context, 3.3.1), loosely: what a key is made of differs between its versions. */
const tracestateMember = /^[a-z0-9][a-z0-9_*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,256}$/;

/** Every vendor passes on 512 characters; with more, or of another form, all of it is dropped, as the standard allows. */
function parseTracestate(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 512) return undefined;
  const members = header.split(',').map((member) => member.trim());
  const isWhole = members.every((member) => member === '' || tracestateMember.test(member));
  return isWhole ? header : undefined;
}

/** One of another form selects nothing and is not passed on. */
function parseRelease(header: string | undefined): string | undefined {
  return header !== undefined && /^[a-z0-9-]{1,32}$/.test(header) ? header : undefined;
}
