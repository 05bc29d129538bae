/**
 * Hands a document on to the next hop: one POST through the resilience pipeline, and what its answer means.
 *
 * The request proves that a hop sends it, and no answer decides anything that does not prove that a hop gave it.
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

/** A document on its way to the next hop. */
export interface ForwardRequest extends CallContext {
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
      async (attempt) => {
        const raw = await client.send({
          method: 'POST',
          url: `${attempt.url}?count=${claim.count}`,
          body,
          headers: { ...toHeaders(claim, proof, attempt), ...proveLabFault(key, proof, attempt) },
          timeoutMs: attempt.timeoutMs,
          signal: attempt.signal,
        });
        const answer = parseNeighbourAnswer(raw, request.id);
        const { status, text } = raw;
        if (!isSameProof(raw.header('chain-proof'), proveAnswer(key, { request: proof, status, text }))) {
          throw new NeighbourError('neighbour-misconfigured', `It answered ${status}, ${unproven}`);
        }
        return answer;
      },
      policy,
    );
  };
}

/** The right to ask for faults goes on as a proof; a token would go to whoever answers at that address. */
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
