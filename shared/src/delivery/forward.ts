/**
 * Forwards a document to the next hop: one POST through the resilience pipeline, and its answer parsed.
 *
 * The request carries a proof that a hop of the chain sends it; an answer without such a proof is an error.
 */
import type { KeyObject } from 'node:crypto';
import type { ChainKeys } from '../proof/chain-keys.ts';
import {
  type Claim,
  isSameProof,
  partMark,
  proveAnswer,
  proveClaim,
  proveFaults,
  toDigest,
} from '../proof/chain-proof.ts';
import { marginMs } from '../resilience/deadline.ts';
import { NeighbourError } from '../resilience/errors.ts';
import type { HttpClient } from '../resilience/http-client.ts';
import type { Attempt, CallContext, CallPolicy, Pipeline } from '../resilience/pipeline.ts';
import { type NeighbourAnswer, parseNeighbourAnswer } from './neighbour-answer.ts';
import type { AttemptResult } from './retry-plan.ts';

/** A document to forward. */
export interface ForwardRequest extends CallContext {
  readonly id: string;
  readonly body: unknown;
  /** The sender's hop number; the receiver's is one more. */
  readonly count: number;
  /** The id of the document that this one is a part of. */
  readonly parent: string;
  /** The kind of document; a service that keeps another kind rejects it. */
  readonly part: string;
  /** Called when an attempt is sent; what it returns is called when that attempt has ended. */
  readonly onAttempt?: (attempt: Pick<Attempt, 'url' | 'isProbe'>) => (result: AttemptResult) => void;
}

/**
 * Sends a document to the next hop and parses its answer. A policy overrides the service's settings for this call.
 *
 * Rejects with a `NotSentError` when nothing was sent, and with a `NeighbourError` when no usable answer came; with a
 * fallback in the policy it resolves to that instead.
 */
export type Forward = <F = never>(
  request: ForwardRequest,
  policy?: CallPolicy<F>,
) => Promise<NeighbourAnswer | F>;

/** Creates the function that forwards through `pipeline`. */
export function createForward(
  pipeline: Pipeline,
  client: HttpClient,
  keys: Pick<ChainKeys, 'signing'>,
): Forward {
  return (request, policy) => {
    const body = JSON.stringify(request.body);
    const key = keys.signing();
    const claim = {
      parent: request.parent,
      part: request.part,
      count: `${request.count}`,
      retrying: '1',
      digest: toDigest(body),
    };
    const proof = proveClaim(key, claim);
    return pipeline(
      request,
      watched(request, async (attempt) => {
        const raw = await client.send({
          method: 'POST',
          url: `${attempt.url}?count=${claim.count}`,
          body,
          headers: {
            ...toHeaders(claim, proof, attempt),
            ...sayRelay(request),
            ...proveLabFault(key, proof, attempt),
          },
          timeoutMs: attempt.timeoutMs,
          signal: attempt.signal,
          groupKey: toGroupKey(attempt),
        });
        const answer = parseNeighbourAnswer(raw, request.id);
        const { status, text } = raw;
        if (!isSameProof(raw.header('chain-proof'), proveAnswer(key, { request: proof, status, text }))) {
          throw new NeighbourError('neighbour-misconfigured', `It answered ${status}, ${unproven}`, {
            status,
          });
        }
        return answer;
      }),
      policy,
    );
  };
}

/** Tells the caller of each attempt, if it wants to know. */
function watched(
  { onAttempt }: ForwardRequest,
  send: (attempt: Attempt) => Promise<NeighbourAnswer>,
): (attempt: Attempt) => Promise<NeighbourAnswer> {
  if (onAttempt === undefined) return send;
  return async (attempt) => {
    const ended = onAttempt(attempt);
    try {
      const answer = await send(attempt);
      ended({ answer });
      return answer;
    } catch (error) {
      ended({ error });
      throw error;
    }
  };
}

/** Documents for the same release travel together; a probe goes alone, and so does what asks for faults. */
function toGroupKey({ isProbe, propagatedHeaders }: Attempt): string | undefined {
  if (isProbe || 'Lab-Fault' in propagatedHeaders) return undefined;
  return propagatedHeaders['X-Release'] ?? '';
}

/** Each hop counts apart what nobody waits for; it decides nothing. */
function sayRelay({ background = false }: ForwardRequest): Record<string, string> {
  return background ? { 'Chain-Relay': '1' } : {};
}

/** Permission for faults is sent as a proof; a token would be disclosed to any server at that address. */
function proveLabFault(
  key: KeyObject,
  request: string,
  { propagatedHeaders }: Attempt,
): Record<string, string> {
  const faults = propagatedHeaders['Lab-Fault'];
  return faults === undefined ? {} : { 'Lab-Fault-Proof': proveFaults(key, { request, faults }) };
}

const unproven =
  'and nothing proves that a hop of this chain did: it has another CHAIN_KEY, or something between takes away Chain-* or changes the body.';

function toHeaders(
  claim: Claim,
  proof: string,
  { timeoutMs, propagatedHeaders }: Attempt,
): Record<string, string> {
  return {
    'Content-Type': `application/json; ${partMark}`,
    'Content-Digest': claim.digest,
    'Chain-Parent': claim.parent,
    'Chain-Part': claim.part,
    'Chain-Retrying': claim.retrying,
    'Chain-Proof': proof,
    'Request-Timeout-Ms': `${Math.max(1, timeoutMs - marginMs)}`,
    ...propagatedHeaders,
  };
}
