/**
 * Hands a document on to the next hop: the resilience pipeline, outermost part first.
 *
 *     deadline → bulkhead → retry → breaker → attempt time-out → HTTP → what the answer means
 *
 * The sequence decides what counts: a full bulkhead never counts against the neighbour, and a slow neighbour always does.
 */
import { AttemptTimeoutError, BulkheadFullError, HoldfastError } from '../errors.ts';
import type { Breaker } from './breaker.ts';
import type { Bulkhead } from './bulkhead.ts';
import { type Deadline, marginMs } from './deadline.ts';
import type { HttpClient } from './http-client.ts';
import { type NeighbourAnswer, parseNeighbourAnswer } from './neighbour-answer.ts';
import { type RetrySettings, retry } from './retry.ts';

/** A document on its way to the next hop. */
export interface ForwardRequest {
  readonly id: string;
  readonly body: unknown;
  /** The sender's hop number; the receiver's is one more. */
  readonly count: number;
  /** The id of the document that this one is a part of. */
  readonly parent: string;
  readonly deadline: Deadline;
  /** Headers that travel along the chain: `X-Request-Id`, `Via`, `traceparent`. */
  readonly passedOn: Readonly<Record<string, string>>;
  /** Somebody before this hop retries already: only one layer may, or three hops would make 3 × 3 × 3 calls. */
  readonly callerRetries: boolean;
}

/**
 * Sends a document to the next hop and reads its answer.
 *
 * Rejects with a `NotSentError` when nothing was sent, with a `NeighbourError` when no usable answer came.
 */
export type Forward = (request: ForwardRequest) => Promise<NeighbourAnswer>;

/** The parts of the pipeline, outermost first. */
export interface ForwardParts {
  readonly url: string;
  readonly bulkhead: Bulkhead;
  readonly breaker: Breaker;
  readonly client: HttpClient;
  readonly attemptTimeoutMs: number;
  readonly retries: RetrySettings;
}

/** Composes the pipeline in front of the create endpoint at `url`. */
export function createForward({
  url,
  bulkhead,
  breaker,
  client,
  attemptTimeoutMs,
  retries,
}: ForwardParts): Forward {
  return async (request) => {
    const { deadline } = request;
    const settings = request.callerRetries ? { ...retries, attempts: 1 } : retries;
    deadline.demandTime();
    const work = () => retry(settings, deadline, () => attempt(request));
    return bulkhead.run(work, deadline.leftMs()).catch((error: unknown) => {
      if (error instanceof BulkheadFullError) breaker.recordSaturated();
      throw error;
    });
  };

  function attempt(request: ForwardRequest): Promise<NeighbourAnswer> {
    request.deadline.demandTime();
    const timeoutMs = Math.min(attemptTimeoutMs, request.deadline.leftMs());
    return breaker.run(
      async (signal) => {
        const raw = await client.post({
          url: `${url}?count=${request.count}`,
          body: request.body,
          headers: toHeaders(request, timeoutMs),
          timeoutMs,
          signal,
        });
        return parseNeighbourAnswer(raw, request.id);
      },
      { classify: (error) => classify(error, timeoutMs < attemptTimeoutMs / 2) },
    );
  }
}

function toHeaders(request: ForwardRequest, timeoutMs: number): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'Chain-Parent': request.parent,
    'Chain-Retrying': '1',
    'Request-Timeout-Ms': `${Math.max(1, timeoutMs - marginMs)}`,
    ...request.passedOn,
  };
}

/**
 * A time-out counts against the neighbour only if it had a fair share of the time: otherwise one impatient client
 * could open the breaker for all others.
 */
function classify(error: unknown, cutShort: boolean): 'failure' | 'timeout' | 'ignored' {
  if (error instanceof AttemptTimeoutError) return cutShort ? 'ignored' : 'timeout';
  return error instanceof HoldfastError ? 'failure' : 'ignored';
}
