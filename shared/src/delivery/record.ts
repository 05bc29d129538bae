/**
 * The document that a hop keeps, and the writes it knows: the outbox protocol's one shape in every collection.
 *
 * Business data, state, stored answer and outbox are one document, so that one single-document write is the whole
 * transaction. How the writes reach a database is in mongo-records.ts.
 */
import { createHash } from 'node:crypto';
import stringify from 'safe-stable-stringify';
import { type Body, id } from '../core/resource.ts';

/** Where a document can stand. `accepted` is the only one with work left; answers show it as `pending`. */
export const states = ['accepted', 'completed', 'cancelled', 'refunded', 'rejected', 'dead'] as const;

/** Where a document stands. */
export type State = (typeof states)[number];

/** An answer that is stored with the document and replayed unchanged. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One movement of money. A charge is followed by exactly one capture or refund. */
export interface LedgerEntry {
  readonly t: 'charge' | 'capture' | 'refund';
  readonly amount: number;
  readonly at: Date;
}

/** Work that is still owed to the next hop. Exists only while the document is `accepted`. */
export interface Outbox {
  /** When to try next, and until when the present holder's lease lasts: one field, one index. `null` when dead. */
  readonly due: Date | null;
  /** Fencing token of the holder; begins with the instance that took it. `null` while nobody holds it. */
  readonly by: string | null;
  /** Attempts that were made or begun, but for those that sent nothing or were told to wait. */
  readonly n: number;
  /** Attempts that were reported as failed. */
  readonly fails: number;
  /** Reports in a row of a next hop that answers promptly and does not take it. Absent means 0. */
  readonly refusals?: number;
  /** Process starts that ended while they held it, since the last report of anybody. Absent means 0. */
  readonly ended?: number;
  /** Since when it is owed: the birth, or the last replay by an operator. */
  readonly firstAt: Date;
  /** This hop's number in the chain, and the services that the document came through. */
  readonly hop: number;
  readonly via: readonly string[];
  /** Why it is not finished, in words. */
  readonly err?: string;
}

/** The document of one hop. */
export interface HopRecord {
  /** The id in the body; where another document has that already, the key of this part (`toPartKey`). */
  readonly _id: string;
  /** Version of this shape. */
  readonly v: 1;
  /** Fingerprint of the content and its parent: tells a repeat from a conflict. */
  readonly fp: string;
  /** The `_id` of the document that handed this one on; `null` at the front door. */
  readonly parent: string | null;
  readonly body: Body;
  readonly state: State;
  readonly result: StoredAnswer | null;
  readonly ledger?: readonly LedgerEntry[];
  readonly out?: Outbox;
  /** How often the same create came again; also the durable write before a repeat is answered. */
  readonly dups: number;
  readonly at: Date;
  readonly doneAt?: Date;
}

/** A document's place in a list; lists have the oldest first. */
export interface ListPosition {
  readonly at: Date;
  readonly id: string;
}

/** A final state with its stored answer. */
export interface FinalState {
  readonly state: Exclude<State, 'accepted'>;
  readonly result: StoredAnswer;
  readonly ledger: LedgerEntry | undefined;
  readonly at: Date;
}

/** A holder's claim on the work of one document, until `due`. */
export interface Lease {
  /** Fencing token: no other holder ever has the same. */
  readonly by: string;
  readonly due: Date;
}

/** What a holder reports when the next hop's answer was not final. */
export interface Report {
  /** When to try again. */
  readonly due: Date;
  readonly err: string;
  /**
   * `failed` counts, and so does `not-taken`: the next hop is there and does not take this document. `waiting` (asked
   * again later) and `not-sent` (breaker, bulkhead) undo the attempt's count.
   */
  readonly kind: 'failed' | 'not-taken' | 'waiting' | 'not-sent';
}

/** Which of the due documents a claim prefers. */
export interface ClaimChoice {
  /** The least failed first: for the probe of a breaker, which one bad document must not decide. */
  readonly leastFailed: boolean;
}

/**
 * Failures up to which a document is preferred for a probe, tier by tier; after the last tier every document may.
 * Tiers instead of a sort keep a claim cheap whatever the backlog.
 */
export const probeTiers = [0, 2, 8] as const;

/**
 * Keeps the documents of one hop. Every write is a single-document write and durable before it resolves.
 *
 * Every method rejects with a `StoreUnavailableError` when the database does not answer in time.
 */
export interface Records {
  /** Inserts a new document. When the id exists, counts the repeat in a durable write and hands back what is there. */
  accept(record: HopRecord): Promise<HopRecord | undefined>;
  find(id: string): Promise<HopRecord | undefined>;
  /** Counts the repeat of a document in a durable write and hands it back; `undefined` when there is none. */
  repeat(id: string): Promise<HopRecord | undefined>;
  /**
   * Makes a document final, also one that was put aside: the next hop's final answer is a fact, burial is an opinion.
   * Resolves to false when it is final already in another way than this, or not there.
   */
  finalize(id: string, finalState: FinalState): Promise<boolean>;
  /**
   * Writes why a document is not final and gives it free; does nothing when the token is no longer the holder's. Any
   * report clears `ended`.
   */
  reschedule(id: string, by: string, report: Report): Promise<void>;
  /** Takes the document whose time came first, if any has come; the attempt is counted at once. */
  claim(lease: Lease, now: Date, choice?: ClaimChoice): Promise<HopRecord | undefined>;
  /**
   * Ends every lease whose token begins with `holder`, for the successor of a process that ended: each document that
   * it held and never reported counts one start more in `ended`. Repeating it counts nothing twice.
   */
  reclaim(holder: string, now: Date): Promise<void>;
  /** Ends every lease whose token begins with `holder`, at the end of a process that stops by itself. */
  release(holder: string, now: Date): Promise<void>;
  /**
   * Brings back what a clock that was ahead has put off: no lease lasts longer than `leaseMs` from now, and nothing
   * waits longer than `waitMs`.
   */
  sweep(now: Date, longest: { readonly leaseMs: number; readonly waitMs: number }): Promise<void>;
  /** Puts aside a document that no attempt can help: kept, counted, shown, and put back by an operator only. */
  deadLetter(id: string, by: string, reason: string, at: Date): Promise<void>;
}

/** SHA-256 over the canonical body and its parent's id, in hexadecimal. */
export function fingerprint(body: Body, parent: string | null): string {
  return createHash('sha256')
    .update(stringify([parent, body]) ?? '')
    .digest('hex');
}

/** Longest key: far below what a header may have, and more than a chain of ten hops makes. */
const maxKey = 1000;

/**
 * The key of a part whose id is taken: an id belongs to the document that it is a part of, so nobody can take away
 * another's by using it first. No id has an `@`, so no client can name such a key. `undefined` when it is too long.
 */
export function toPartKey(partId: string, parent: string): string | undefined {
  const key = `${partId}@${parent}`;
  return key.length > maxKey ? undefined : key;
}

/** Whether `text` can be the `_id` of a record: an id, or the key of a part. */
export function isKey(text: string): boolean {
  return text.length <= maxKey && text.split('@').every((one) => id.safeParse(one).success);
}
