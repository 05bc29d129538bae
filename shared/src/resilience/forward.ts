/**
 * Hands a document on to the next hop: one POST through the resilience pipeline, and what its answer means.
 */
import { marginMs } from './deadline.ts';
import type { HttpClient } from './http-client.ts';
import { type NeighbourAnswer, parseNeighbourAnswer } from './neighbour-answer.ts';
import type { Attempt, Call, CallPolicy, Pipeline } from './pipeline.ts';

/** A document on its way to the next hop. */
export interface ForwardRequest extends Call {
  readonly id: string;
  readonly body: unknown;
  /** The sender's hop number; the receiver's is one more. */
  readonly count: number;
  /** The id of the document that this one is a part of. */
  readonly parent: string;
  /** What kind of document it is; a service of another kind must not touch it. */
  readonly part: string;
}

/**
 * Sends a document to the next hop and reads its answer. A policy overrides the service's settings for this one call.
 *
 * Rejects with a `NotSentError` when nothing was sent, with a `NeighbourError` when no usable answer came; with a
 * fallback in the policy it answers that instead.
 */
export type Forward = <F = never>(
  request: ForwardRequest,
  policy?: CallPolicy<F>,
) => Promise<NeighbourAnswer | F>;

/** Creates the way to the create endpoints behind `pipeline`. */
export function createForward(pipeline: Pipeline, client: HttpClient): Forward {
  return (request, policy) =>
    pipeline(
      request,
      async (attempt) => {
        const raw = await client.send({
          method: 'POST',
          url: `${attempt.url}?count=${request.count}`,
          body: request.body,
          headers: toHeaders(request, attempt),
          timeoutMs: attempt.timeoutMs,
          signal: attempt.signal,
        });
        return parseNeighbourAnswer(raw, request.id);
      },
      policy,
    );
}

function toHeaders(request: ForwardRequest, { timeoutMs, passedOn }: Attempt): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'Chain-Parent': request.parent,
    'Chain-Part': request.part,
    'Chain-Retrying': '1',
    'Request-Timeout-Ms': `${Math.max(1, timeoutMs - marginMs)}`,
    ...passedOn,
  };
}
