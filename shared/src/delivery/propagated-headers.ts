/**
 * The headers that propagate along the chain with a document, sent by a request or by the relay.
 *
 * All of them have a known form and length: otherwise a document could be accepted whose headers the next hop rejects.
 */
import type { IncomingMessage } from 'node:http';
import { parseTraceparent, toTraceparent } from '../core/tracer.ts';
import type { ForwardRequest } from './forward.ts';

/** The context of a request that propagates along the chain. */
export interface PropagatedContext {
  readonly requestId: string;
  /** The services that the document passed, without this one. */
  readonly via: readonly string[];
  readonly service: string;
  /** W3C trace context, as `parsePropagatedHeaders` accepts it. */
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
  /** The release that the request is for; a proxy in front of a service chooses by it. */
  readonly release?: string | undefined;
  /** The headers with faults for services of the chain. */
  readonly faults?: Readonly<Record<string, string>>;
}

/** Writes the context as headers; `Via` as in RFC 9110. */
export function toPropagatedHeaders({
  requestId,
  via,
  service,
  traceparent,
  tracestate,
  release,
  faults,
}: PropagatedContext): ForwardRequest['propagatedHeaders'] {
  const services = toServices([...via, service]).map((name) => `1.1 ${name}`);
  const headers: Record<string, string> = { 'X-Request-Id': requestId, Via: services.join(', ') };
  if (traceparent !== undefined) {
    headers.traceparent = traceparent;
    if (tracestate !== undefined) headers.tracestate = tracestate;
  }
  if (release !== undefined) headers['X-Release'] = release;
  return Object.assign(headers, faults);
}

/** Reads the headers of a request that propagate along the chain. */
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

/** The services that a `Via` header names (RFC 9110, 7.6.3); names of another form, such as those of proxies, are skipped. */
export function parseVia(header: string | undefined): string[] {
  if (header === undefined) return [];
  return toServices(header.split(',').flatMap((hop) => hop.trim().split(/\s+/).slice(1, 2)));
}

/** Maximum number of services in `Via`; the last ones are kept, because a ring comes back to them first. */
const maxVia = 64;

function toServices(names: readonly string[]): string[] {
  return names.filter((name) => /^[a-z][a-z0-9-]{0,31}$/.test(name)).slice(-maxVia);
}

/** The form of one member (W3C Trace Context, 3.3.1), loosely: the versions differ in what a key may contain. */
const tracestateMember = /^[a-z0-9][a-z0-9_*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,256}$/;

/** Drops a header of another form or of more than 512 characters, as the standard allows; it requires no more. */
function parseTracestate(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 512) return undefined;
  const members = header.split(',').map((member) => member.trim());
  const isWhole = members.every((member) => member === '' || tracestateMember.test(member));
  return isWhole ? header : undefined;
}

/** A value of another form is dropped. */
function parseRelease(header: string | undefined): string | undefined {
  return header !== undefined && /^[a-z0-9-]{1,32}$/.test(header) ? header : undefined;
}
