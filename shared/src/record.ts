/**
 * The document that a hop keeps, and the writes it knows: the outbox protocol's one shape in every collection.
 *
 * Business data, state, stored answer and outbox are one document, so that one single-document write is the whole
 * transaction. How the writes reach a database is in mongo-records.ts.
 */
import { createHash } from 'node:crypto';
import stringify from 'safe-stable-stringify';
import type { Body } from './noun.ts';

/** Where a document stands. `accepted` is the only one that is not final; answers show it as `pending`. */
export type State = 'accepted' | 'completed' | 'cancelled' | 'refunded' | 'rejected' | 'dead';

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
  /** When to try next, and until when the present holder's lease lasts: one field, one index. */
  readonly due: Date;
  /** Fencing token of the holder; begins with the instance that took it. */
  readonly by: string;
  /** Claims so far, counted before the attempt. */
  readonly n: number;
  /** Attempts that were reported as failed. */
  readonly fails: number;
  readonly firstAt: Date;
  /** Why the last attempt failed, in words. */
  readonly err?: string;
}

/** The document of one hop. */
export interface HopRecord {
  readonly _id: string;
  /** Version of this shape. */
  readonly v: 1;
  /** Fingerprint of the content and its parent: tells a repeat from a conflict. */
  readonly fp: string;
  /** The id of the document that handed this one on; `null` at the front door. */
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

/** A final state with its stored answer. */
export interface Settlement {
  readonly state: Exclude<State, 'accepted'>;
  readonly result: StoredAnswer;
  readonly ledger: LedgerEntry | undefined;
  readonly at: Date;
}

/**
 * Keeps the documents of one hop. Every write is a single-document write and durable before it resolves.
 *
 * Every method rejects with a `StoreUnavailableError` when the database does not answer in time.
 */
export interface Records {
  /** Inserts a new document. When the id exists, counts the repeat in a durable write and hands back what is there. */
  accept(record: HopRecord): Promise<HopRecord | undefined>;
  find(id: string): Promise<HopRecord | undefined>;
  /** Makes a document final; resolves to false when somebody else already did. */
  settle(id: string, settlement: Settlement): Promise<boolean>;
  /** Takes the lease of one document whose time has come; resolves to false when another holds it. */
  claim(id: string, lease: { readonly by: string; readonly now: Date; readonly due: Date }): Promise<boolean>;
  /** Gives the lease back after a failed attempt; does nothing when the token is no longer the holder's. */
  release(id: string, by: string, next: { readonly due: Date; readonly err: string }): Promise<void>;
}

/** SHA-256 over the canonical body and its parent's id, in hexadecimal. */
export function fingerprint(body: Body, parent: string | null): string {
  return createHash('sha256')
    .update(stringify([parent, body]) ?? '')
    .digest('hex');
}
