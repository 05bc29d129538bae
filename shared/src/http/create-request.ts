/**
 * Reads a create request from HTTP: the body, the hop's number, the caller's deadline, and the services it came through.
 *
 * The headers of hops (`Chain-*`, `Via`) are read only from a proven hop (chain-gate.ts). From outside `count` must be
 * absent or 0: otherwise a client could begin at the last hop and complete a document that nobody has paid for.
 */
import { InvalidError, RequestError } from '../core/errors.ts';
import { hasId, type Resource } from '../core/resource.ts';
import type { CreateRequest } from '../delivery/hop.ts';
import { parsePropagatedHeaders, parseVia, toPropagatedHeaders } from '../delivery/propagated-headers.ts';
import { isKey } from '../delivery/record.ts';
import { readCount } from '../proof/chain-gate.ts';
import { type Clock, createDeadline } from '../resilience/deadline.ts';
import type { Exchange, FaultGate } from './fault-gate.ts';
import { parseJsonBody } from './json-body.ts';
import { parseTimeout } from './request-timeout.ts';

/** Facts about the reading service. */
export interface CreateRequestOptions {
  readonly service: string;
  /** What kind of document it keeps. */
  readonly resource: Pick<Resource, 'singular'>;
  /** Longest time for one request; a caller may name a shorter one. */
  readonly requestTimeoutMs: number;
  /** Measures how long the caller still waits. */
  readonly clock: Clock;
  readonly gate: FaultGate;
}

/** What is known of a request before its body is read. */
export interface RequestFacts {
  readonly requestId: string;
  readonly isFromHop: boolean;
  /** A hop has proven that it sent `Lab-Fault`. */
  readonly provesFaults: boolean;
}

/**
 * Reads one request.
 * @throws {RequestError} when the body or a header cannot be read.
 * @throws {InvalidError} when this caller may not send this `count`.
 */
export function parseCreateRequest(
  exchange: Exchange,
  { requestId, isFromHop, provesFaults }: RequestFacts,
  options: CreateRequestOptions,
): CreateRequest {
  const { request } = exchange;
  const timeoutMs = parseTimeout(request.get('request-timeout-ms'), options.requestTimeoutMs);
  const deadline = createDeadline(timeoutMs, options.clock);
  const said = (name: string) => (isFromHop ? request.get(name) : undefined);
  const parent = parseParent(said('chain-parent'));
  requirePart(said('chain-part'), options);
  const via = parseVia(said('via'));
  const content = parseJsonBody(request, { isFromHop });
  const faults = options.gate.bind(exchange, {
    id: hasId(content) ? content.id : undefined,
    deadline,
    isProven: provesFaults,
  });
  return {
    content,
    count: parseCount(readCount(request.url), parent),
    parent,
    deadline,
    via,
    callerRetries: said('chain-retrying') === '1',
    background: said('chain-relay') === '1',
    propagatedHeaders: toPropagatedHeaders({
      requestId,
      via,
      service: options.service,
      ...parsePropagatedHeaders(request),
      faults: faults.propagatedHeaders,
    }),
    faults,
  };
}

function parseParent(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (isKey(header)) return header;
  throw new RequestError(
    'unreadable',
    'The header Chain-Parent must be the id of a document, or the key of a part.',
  );
}

/** A caller with a wrong CHAIN_SVC gets an error that is not final, so that its document is not cancelled. */
function requirePart(part: string | undefined, { service, resource }: CreateRequestOptions): void {
  if (part === undefined || part === resource.singular) return;
  throw new RequestError(
    'misdirected',
    `${service} keeps no documents of the kind "${part.slice(0, 32)}": the caller's CHAIN_SVC leads to the wrong service.`,
  );
}

function parseCount(text: string | undefined, parent: string | null): number {
  const count = /^\d{1,4}$/.test(text ?? '0') ? Number(text ?? 0) : undefined;
  if (count !== undefined && (parent !== null || count === 0)) return count;
  const detail =
    parent === null
      ? 'Must be absent or 0 when the request comes from outside the chain.'
      : 'Must be a whole number from 0 to 9999.';
  throw new InvalidError(`The query parameter count is not legal. ${detail}`, [
    { pointer: '/count', detail },
  ]);
}
