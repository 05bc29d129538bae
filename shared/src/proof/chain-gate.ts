/**
 * Distinguishes requests of hops from those of clients by their proof, and signs the answers to hops.
 *
 * The headers are verified before the body is read, and the body's digest afterwards. Only a request with a valid proof
 * is treated as one of a hop.
 */

import type { KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { RequestError } from '../core/errors.ts';
import type { ChainKeys } from './chain-keys.ts';
import {
  type Claim,
  isProofForm,
  isSameProof,
  partMark,
  proveAnswer,
  proveClaim,
  proveFaults,
  toDigest,
} from './chain-proof.ts';

/** Verifies the proofs of requests. */
export interface ChainGate {
  /** Whether the headers are those of a hop; works before the body is read. */
  isProven(request: IncomingMessage): boolean;
  /**
   * Whether the request is a hop's, by its headers and the bytes of its body; false without headers of a hop.
   * @throws {RequestError} `unproven` when it has headers of a hop and no valid proof.
   * @throws {StoreUnavailableError} when the keys have to be read and the database is away.
   */
  isFromHop(request: IncomingMessage, body: Uint8Array): Promise<boolean>;
  /** Whether a hop proves that it asks for the faults of a request; valid after `isFromHop`. */
  provesFaults(request: IncomingMessage): boolean;
  /** The headers that prove an answer; none for a request of a client. */
  seal(request: IncomingMessage, status: number, text: string): Readonly<Record<string, string>>;
}

/** Creates the gate of one service. */
export function createChainGate(keys: Pick<ChainKeys, 'accepted' | 'renew'>): ChainGate {
  /** The key that proves a request; looked up several times for each, before and after its body is read. */
  const keysOf = new WeakMap<IncomingMessage, KeyObject>();
  const proven = new WeakMap<IncomingMessage, { key: KeyObject; proof: string }>();

  return {
    isProven: (request) => findKey(request) !== undefined,

    async isFromHop(request, body) {
      const { headers } = request;
      const proof = headers['chain-proof'];
      if (!claimsHop(request)) return false;
      const key = findKey(request) ?? (await findNewKey(request));
      if (key === undefined || !isProofForm(proof)) throw unproven(proof);
      if (headers['content-digest'] !== toDigest(body)) {
        throw new RequestError('unproven', `The body is not the one that Chain-Proof proves. ${remedy}`);
      }
      proven.set(request, { key, proof });
      return true;
    },

    provesFaults(request) {
      const known = proven.get(request);
      const faults = request.headers['lab-fault'];
      const proof = request.headers['lab-fault-proof'];
      if (known === undefined || typeof faults !== 'string' || !isProofForm(proof)) return false;
      return isSameProof(proof, proveFaults(known.key, { request: known.proof, faults }));
    },

    seal(request, status, text) {
      const known = proven.get(request);
      if (known === undefined) return {};
      return { 'Chain-Proof': proveAnswer(known.key, { request: known.proof, status, text }) };
    },
  };

  function findKey(request: IncomingMessage): KeyObject | undefined {
    const proof = request.headers['chain-proof'];
    if (!isProofForm(proof)) return undefined;
    const known = keysOf.get(request);
    if (known !== undefined) return known;
    const claim = readClaim(request);
    const key = keys.accepted().find((one) => isSameProof(proof, proveClaim(one, claim)));
    if (key !== undefined) keysOf.set(request, key);
    return key;
  }

  /** Looks for a key that was added since the last read. */
  async function findNewKey(request: IncomingMessage): Promise<KeyObject | undefined> {
    if (!isProofForm(request.headers['chain-proof'])) return undefined;
    await keys.renew();
    return findKey(request);
  }
}

/** The media type is checked too: a proxy that removes unknown headers leaves it in place. */
function claimsHop({ headers }: IncomingMessage): boolean {
  const said = ['chain-parent', 'chain-part', 'chain-proof'].some((name) => name in headers);
  return said || (headers['content-type'] ?? '').toLowerCase().includes(partMark);
}

function readClaim({ headers, url = '' }: IncomingMessage): Claim {
  const said = (name: string) => `${headers[name] ?? ''}`;
  return {
    parent: said('chain-parent'),
    part: said('chain-part'),
    count: readCount(url) ?? '',
    retrying: said('chain-retrying'),
    digest: said('content-digest'),
  };
}

/** The query parameter `count` of an address, several joined with commas; absent when there is none. */
export function readCount(url: string): string | undefined {
  const [, sent] = /^[^?]*\?count=(\d+)$/.exec(url) ?? [];
  if (sent !== undefined || !url.includes('?')) return sent;
  const counts = new URLSearchParams(url.slice(url.indexOf('?'))).getAll('count');
  return counts.length === 0 ? undefined : counts.join();
}

const remedy =
  'Services that share no database need the same CHAIN_KEY, and what stands between them must pass Chain-*, Content-Digest, the query and the body as they are.';

function unproven(proof: unknown): RequestError {
  const what = proof === undefined ? 'brings no Chain-Proof' : 'its Chain-Proof is none of this chain';
  return new RequestError('unproven', `The request speaks for a hop and ${what}. ${remedy}`);
}
