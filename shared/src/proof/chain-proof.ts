/**
 * How a hop proves that it is one: a keyed digest over what only a hop may say. The key itself never travels.
 *
 * The proof of a request covers the body too, so that whoever catches it can do nothing but repeat it unchanged, which
 * every create allows. The proof of an answer covers the request's, so it fits no other question.
 */
import { createHmac, hash, type KeyObject, timingSafeEqual } from 'node:crypto';

/** The parameter of `Content-Type` under which a hop sends a part. */
export const partMark = 'chain=part';

/** What a hop says with a document, each as it stands on the wire; empty when it is not said. */
export interface Claim {
  /** The id of the document that this one is a part of. */
  readonly parent: string;
  /** What kind of document it is. */
  readonly part: string;
  /** The sender's hop number. */
  readonly count: string;
  /** `1` when the sender tries again by itself. */
  readonly retrying: string;
  /** The digest of the body, as `toDigest` writes it. */
  readonly digest: string;
}

/** An answer to a request that was proven. */
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

/** Proves that who sends this has the key. */
export function proveClaim(key: KeyObject, claim: Claim): string {
  const { parent, part, count, retrying, digest } = claim;
  return sign(key, ['request', parent, part, count, retrying, digest]);
}

/** Proves that who answers this has the key that the request was proven with. */
export function proveAnswer(key: KeyObject, { request, status, text }: ProvenAnswer): string {
  return sign(key, ['answer', request, `${status}`, toDigest(text)]);
}

/** Proves that who asks for faults with a request has the key that the request was proven with. */
export function proveFaults(
  key: KeyObject,
  { request, faults }: { request: string; faults: string },
): string {
  return sign(key, ['faults', request, faults]);
}

/** What an instance says of itself on a network where anybody can speak. */
export interface Announcement {
  readonly group: string;
  readonly service: string;
  readonly instance: string;
  readonly url: string;
  /** When it was said, in milliseconds since 1970. */
  readonly at: string;
}

/** Proves that who announces an instance has the key. */
export function proveAnnouncement(key: KeyObject, said: Announcement): string {
  return sign(key, ['announcement', said.group, said.service, said.instance, said.url, said.at]);
}

/** Whether `text` has the form of a proof. */
export function isProofForm(text: unknown): text is string {
  return typeof text === 'string' && /^[\da-f]{64}$/.test(text);
}

/** Compares what was sent with what it should be, in a time that says nothing about where they differ. */
export function isSameProof(sent: string | undefined, due: string): boolean {
  return isProofForm(sent) && timingSafeEqual(Buffer.from(sent), Buffer.from(due));
}

/** JSON keeps the fields apart whatever is in them. */
function sign(key: KeyObject, fields: readonly string[]): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['holdfast 1', ...fields]))
    .digest('hex');
}
