/**
 * Speaks as a hop of the tests' chains: proves what it sends, and what a neighbour answers.
 */
import { toKeyObject } from '@holdfast/shared/proof/chain-keys.ts';
import { proveAnswer, proveClaim, toDigest } from '@holdfast/shared/proof/chain-proof.ts';
import request, { type Test } from 'supertest';

/** The key of every chain in tests that makes none of its own. */
export const chainKey = 'only-for-tests-0123456789';

/** What a hop says with a document. */
export interface RequestFacts {
  readonly parent?: string;
  readonly part?: string;
  readonly count?: number;
  readonly retrying?: boolean;
  /** Headers that are not proven, as `Via`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
}

/** The headers and the query under which a hop sends `text`. */
export function toHopRequest(text: string, said: RequestFacts = {}) {
  const { parent = 'x', part = '', count = 1, retrying = false, headers = {}, key = chainKey } = said;
  const claim = { parent, part, count: `${count}`, retrying: retrying ? '1' : '', digest: toDigest(text) };
  return {
    query: `?count=${count}`,
    headers: {
      'Content-Type': 'application/json',
      'Content-Digest': claim.digest,
      'Chain-Parent': parent,
      ...(part === '' ? {} : { 'Chain-Part': part }),
      ...(retrying ? { 'Chain-Retrying': '1' } : {}),
      'Chain-Proof': proveClaim(toKeyObject(key), claim),
      ...headers,
    },
  };
}

/** Posts a document as a hop does. */
export function postAsHop(url: string, body: object, said: RequestFacts = {}): Test {
  const text = JSON.stringify(body);
  const { query, headers } = toHopRequest(text, said);
  return request(url).post(`/create${query}`).set(headers).send(text);
}

/** The header that proves an answer; none when nothing was proven. */
export function sealAnswer(proof: unknown, status: number, text: string): Record<string, string> {
  if (typeof proof !== 'string') return {};
  return { 'Chain-Proof': proveAnswer(toKeyObject(chainKey), { request: proof, status, text }) };
}
