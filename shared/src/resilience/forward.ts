/**
 * Hands a document on to the next hop: the resilience pipeline, outermost part first.
 *
 *     deadline → bulkhead → retry → breaker → attempt time-out → HTTP → what the answer means
 *
 * The sequence decides what counts: a full bulkhead never counts against the neighbour, and a slow neighbour always does.
 */
import { AttemptTimeoutError, BulkheadFullError, HoldfastError } from '../errors.ts';
import { noTracer, type Span, type Tracer, toBreakerSpanName } from '../telemetry/tracer.ts';
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
  /** Headers that travel along the chain: `X-Request-Id`, `Via`, `traceparent`, `tracestate`. */
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
  /** @default noTracer */
  readonly tracer?: Tracer;
}

/** Composes the pipeline in front of the create endpoint at `url`. */
export function createForward({
  url,
  bulkhead,
  breaker,
  client,
  attemptTimeoutMs,
  retries,
  tracer = noTracer,
}: ForwardParts): Forward {
  const spanName = toBreakerSpanName(breaker.name);

  return async (request) => {
    const { deadline } = request;
    const settings = request.callerRetries ? { ...retries, attempts: 1 } : retries;
    deadline.demandTime();
    const work = () => retry(settings, deadline, () => attempt(request));
    return bulkhead.run(work, deadline.leftMs()).catch((error: unknown) => {
      if (!(error instanceof BulkheadFullError)) throw error;
      return inSpan(request, async () => {
        breaker.recordSaturated();
        throw error;
      });
    });
  };

  function attempt(request: ForwardRequest): Promise<NeighbourAnswer> {
    request.deadline.demandTime();
    const timeoutMs = Math.min(attemptTimeoutMs, request.deadline.leftMs());
    return inSpan(request, (span) =>
      breaker.run(
        async (signal) => {
          const raw = await client.post({
            url: `${url}?count=${request.count}`,
            body: request.body,
            headers: toHeaders(request, span.passOn(request.passedOn), timeoutMs),
            timeoutMs,
            signal,
          });
          return parseNeighbourAnswer(raw, request.id);
        },
        { classify: (error) => classify(error, timeoutMs < attemptTimeoutMs / 2) },
      ),
    );
  }

  /** Every call has a span, also one that is rejected or finds no slot: a trace must show why nothing was sent. */
  function inSpan<T>(request: ForwardRequest, work: (span: Span) => Promise<T>): Promise<T> {
    return tracer.span(spanName, { kind: 'internal', parent: request.passedOn }, work);
  }
}

function toHeaders(
  request: ForwardRequest,
  passedOn: ForwardRequest['passedOn'],
  timeoutMs: number,
): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'Chain-Parent': request.parent,
    'Chain-Retrying': '1',
    'Request-Timeout-Ms': `${Math.max(1, timeoutMs - marginMs)}`,
    ...passedOn,
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
