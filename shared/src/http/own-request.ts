/**
 * `request.holdfast`: what a route or a middleware of one's own gets of its service.
 *
 * Headers that travel along are read when a call is made, so that it goes out under the span of its request.
 */
import type { Request } from 'express';
import { viewOf } from '../delivery/answers.ts';
import { parsePropagatedHeaders, toPropagatedHeaders } from '../delivery/propagated-headers.ts';
import type { Records } from '../delivery/record.ts';
import type { Log } from '../observability/log.ts';
import { scopeFields } from '../observability/scope.ts';
import { type Clock, createDeadline, type Deadline } from '../resilience/deadline.ts';
import type { HttpResponse } from '../resilience/http-client.ts';
import type { CallContext } from '../resilience/pipeline.ts';
import { parseTimeout } from './request-timeout.ts';

/** One call to a neighbour of one's own. */
export interface NeighbourCall {
  /** Appended to the neighbour's address; begins with a slash or a question mark. */
  readonly path?: string;
  /** @default GET */
  readonly method?: 'GET' | 'POST';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Attempts, the first included. @default RETRY_ATTEMPTS for GET, 1 for POST */
  readonly attempts?: number;
}

/** Calls a neighbour by its name. */
export type CallNeighbour = (
  name: string,
  what: NeighbourCall,
  context: CallContext,
) => Promise<HttpResponse>;

/** What own code gets of its service. */
export interface OwnRequest {
  /** The pattern of the route, as `/quotes/:id`. */
  readonly route: string;
  /** How long the caller still waits: what `Request-Timeout-Ms` says, at most REQUEST_TIMEOUT_MS. */
  readonly deadline: Deadline;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Writes lines with the request's id and trace. */
  readonly log: Log;
  /** A document of this service, as `GET /<plural>/:id` shows it; `undefined` when none has this id. */
  find(id: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /**
   * Calls a neighbour of one's own through its breaker, within the deadline; an answer below 500 is an answer.
   *
   * Rejects with a `NotSentError` when nothing was sent, and with a `NeighbourError` when no usable answer came. An error
   * that the route does not catch is answered as a problem.
   */
  call(name: string, what?: NeighbourCall): Promise<HttpResponse>;
}

declare module 'express-serve-static-core' {
  interface Request {
    /** Set in routes and middleware of one's own. */
    holdfast: OwnRequest;
  }
}

/** What own requests are made of. */
export interface OwnRequestOptions {
  readonly service: string;
  readonly log: Log;
  /** Longest time for one request. */
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
  readonly callNeighbour: CallNeighbour;
  readonly records: Pick<Records, 'find'>;
}

/**
 * Creates what one request gets.
 * @throws {RequestError} when `Request-Timeout-Ms` cannot be read.
 */
export function createOwnRequest(
  request: Request,
  signal: AbortSignal,
  options: OwnRequestOptions,
): OwnRequest {
  const { service, requestTimeoutMs, clock, callNeighbour, records } = options;
  const deadline = createDeadline(parseTimeout(request.get('request-timeout-ms'), requestTimeoutMs), clock);
  const requestId = `${request.headers['x-request-id']}`;
  let log: Log | undefined;
  return {
    route: String(request.route.path),
    deadline,
    signal,
    get log() {
      const { traceparent } = request.headers;
      log ??= options.log.child(scopeFields({ requestId, traceparent: traceparent?.toString() }));
      return log;
    },
    async find(id) {
      const record = await records.find(id);
      return record && viewOf(record);
    },
    call(name, what = {}) {
      const propagatedHeaders = toPropagatedHeaders({
        requestId,
        via: [],
        service,
        ...parsePropagatedHeaders(request),
      });
      return callNeighbour(name, what, { deadline, propagatedHeaders, callerRetries: false });
    },
  };
}
