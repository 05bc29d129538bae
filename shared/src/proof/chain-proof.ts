/**
 * The proofs between hops: an HMAC over what only a hop may send. The key itself is never sent.
 *
 * The proof of a request covers the body, so an intercepted request can only be repeated unchanged, and creates are
 * idempotent. The proof of an answer covers the proof of the request, so it is valid for no other request.
 */
import { createHmac, hash, type KeyObject, timingSafeEqual } from 'node:crypto';

/** The parameter of `Content-Type` under which a hop sends a part. */
export const partMark = 'chain=part';

/** What a hop sends with a document, each as it stands in its header; empty when absent. */
export interface Claim {
  /** The id of the document that this one is a part of. */
  readonly parent: string;
  /** The kind of document. */
  readonly part: string;
  /** The sender's hop number. */
  readonly count: string;
  /** `1` when the sender retries itself. */
  readonly retrying: string;
  /** The digest of the body, as `toDigest` writes it. */
  readonly digest: string;
}

/** An answer to a request with a valid proof. */
export interface ProvenAnswer {
  /** The proof of the request. */
  readonly request: string;
  readonly status: number;
  readonly text: string;
}

/** Writes the digest of a body as `Content-Digest` has it (RFC 9530). */
export function toDigest(body: Uint8Array | string): string {
  return `sha-256=:${hash('sha256', body, 'base64')}:`;
}

/** Proves that the sender of a request has the key. */
export function proveClaim(key: KeyObject, claim: Claim): string {
  const { parent, part, count, retrying, digest } = claim;
  return sign(key, ['request', parent, part, count, retrying, digest]);
}

/** Proves that the sender of an answer has the key of the request. */
export function proveAnswer(key: KeyObject, { request, status, text }: ProvenAnswer): string {
  return sign(key, ['answer', request, `${status}`, toDigest(text)]);
}

/** Proves that the sender of a request with faults has the key of the request. */
export function proveFaults(
  key: KeyObject,
  { request, faults }: { request: string; faults: string },
): string {
  return sign(key, ['faults', request, faults]);
}

/** What an instance announces on the local network. */
export interface Announcement {
  readonly group: string;
  readonly service: string;
  readonly instance: string;
  readonly url: string;
  /** When it was signed, in milliseconds since 1970. */
  readonly at: string;
}

/** Proves that the sender of an announcement has the key. */
export function proveAnnouncement(key: KeyObject, announcement: Announcement): string {
  return sign(key, [
    'announcement',
    announcement.group,
    announcement.service,
    announcement.instance,
    announcement.url,
    announcement.at,
  ]);
}

/** Whether `text` has the form of a proof. */
export function isProofForm(text: unknown): text is string {
  return typeof text === 'string' && /^[\da-f]{64}$/.test(text);
}

/** Compares a proof with the expected one in constant time. */
export function isSameProof(sent: string | undefined, due: string): boolean {
  return isProofForm(sent) && timingSafeEqual(Buffer.from(sent), Buffer.from(due));
}

/** Joins the fields as JSON, so that their boundaries are unambiguous. */
function sign(key: KeyObject, fields: readonly string[]): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['holdfast 1', ...fields]))
    .digest('hex');
}
