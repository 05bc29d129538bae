/**
 * The record that a hop stores for a document, and the operations on it: the outbox pattern within one document.
 *
 * Business data, state, stored answer and outbox are one document, so that a single-document write is the whole
 * transaction. mongo-records.ts implements the operations.
 */
import { hash } from 'node:crypto';
import stringify from 'safe-stable-stringify';
import { type Body, isId } from '../core/resource.ts';

/** The states of a document. Only `accepted` has work left; answers show it as `pending`. */
export const states = ['accepted', 'completed', 'cancelled', 'refunded', 'rejected', 'dead'] as const;

/** The state of a document. */
export type State = (typeof states)[number];

/** An answer that is stored with the document and replayed unchanged. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One movement of money. Exactly one capture or refund follows a charge. */
export interface LedgerEntry {
  readonly t: 'charge' | 'capture' | 'refund';
  readonly amount: number;
  readonly at: Date;
}

/** A delivery to the next hop that is not final. Exists only while the document is `accepted` or `dead`. */
export interface Outbox {
  /** When to try next, or when the holder's lease ends: one field, one index. `null` when dead. */
  readonly due: Date | null;
  /** Fencing token of the holder; begins with the name of its instance. `null` without a holder. */
  readonly by: string | null;
  /** Attempts that were begun, without those that sent nothing or were answered `pending`. */
  readonly n: number;
  /** Attempts that were reported as failed. */
  readonly fails: number;
  /** `not-taken` reports in a row. Absent means 0. */
  readonly refusals?: number;
  /** Processes that ended while they held it, since the last report of any holder. Absent means 0. */
  readonly ended?: number;
  /** When it was created, or last replayed by an operator. */
  readonly firstAt: Date;
  /** This hop's number in the chain, and the services that the document passed. */
  readonly hop: number;
  readonly via: readonly string[];
  /** Why it is not final, in words. */
  readonly err?: string;
  /** The holder whose lease had run out when this one was claimed. Never stored: only `claim` knows it. */
  readonly takenFrom?: string;
}

/** The record of one document at one hop. */
export interface HopRecord {
  /** The id in the body, or the key of this part (`toPartKey`) when another document has that id. */
  readonly _id: string;
  /** Version of this shape. */
  readonly v: 1;
  /** Fingerprint of the content and its parent; distinguishes a repeat from a conflict. */
  readonly fp: string;
  /** The `_id` of the document that this one is a part of; `null` for one of a client. */
  readonly parent: string | null;
  readonly body: Body;
  readonly state: State;
  readonly result: StoredAnswer | null;
  readonly ledger?: readonly LedgerEntry[];
  readonly out?: Outbox;
  /** The number of repeats; counting one is also the durable write before it is answered. */
  readonly dups: number;
  readonly at: Date;
  readonly doneAt?: Date;
}

/** A document's position in a list, which has the oldest first. */
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

/** The exclusive right to deliver one document, until `due`. */
export interface Lease {
  /** Fencing token, unique to the holder. */
  readonly by: string;
  readonly due: Date;
}

/** The outcome of a delivery that is not final. */
export interface Report {
  /** When to try again. */
  readonly due: Date;
  readonly err: string;
  /**
   * `failed` and `not-taken` (the next hop does not accept this document) count as failures. `waiting` (the next hop
   * answered `pending`) and `not-sent` (breaker, bulkhead) undo the count of the attempt.
   */
  readonly kind: 'failed' | 'not-taken' | 'waiting' | 'not-sent';
}

/** Which of the due documents to prefer. */
export interface ClaimChoice {
  /** Those with the fewest failures: for a probe, so that a document that always fails does not decide it. */
  readonly leastFailed: boolean;
}

/**
 * Upper bounds of failures for a probe, tried one after the other; after the last one any document is taken. Unlike a
 * sort, this stays cheap with any backlog.
 */
export const probeTiers = [0, 2, 8] as const;

/**
 * Stores the documents of one hop. Every write is a single-document write and durable before it resolves.
 *
 * Every method rejects with a `StoreUnavailableError` when the database does not answer in time.
 */
export interface Records {
  /** Inserts a new document. When the id exists, counts the repeat in a durable write and returns the stored document. */
  accept(record: HopRecord): Promise<HopRecord | undefined>;
  find(id: string): Promise<HopRecord | undefined>;
  /** Counts the repeat of a document in a durable write and returns it; `undefined` when there is none. */
  repeat(id: string): Promise<HopRecord | undefined>;
  /**
   * Makes a document final, also a dead-lettered one, since the next hop's final answer is certain. Resolves to false
   * when it has another final state already, or does not exist.
   */
  finalize(id: string, finalState: FinalState): Promise<boolean>;
  /**
   * Stores why a document is not final and ends the lease; does nothing when another holder has the lease. Clears
   * `ended`.
   */
  reschedule(id: string, by: string, report: Report): Promise<void>;
  /** Leases the document that is due for longest, if any is due; the attempt is counted at once. */
  claim(lease: Lease, now: Date, choice?: ClaimChoice): Promise<HopRecord | undefined>;
  /**
   * Ends every lease whose token begins with `holder`, after a process ended without stopping: each document that it
   * held counts one more in `ended`. Repeating it counts nothing twice.
   */
  reclaim(holder: string, now: Date): Promise<void>;
  /** Ends every lease whose token begins with `holder`, when a process stops. */
  release(holder: string, now: Date): Promise<void>;
  /**
   * Corrects times that a clock that was ahead has written: no lease lasts longer than `leaseMs` from now, and no
   * document waits longer than `waitMs`.
   */
  sweep(now: Date, longest: { readonly leaseMs: number; readonly waitMs: number }): Promise<void>;
  /** Dead-letters a document that no further attempt can deliver: it stays stored until an operator replays it. */
  deadLetter(id: string, by: string, reason: string, at: Date): Promise<void>;
}

/** The instance that a token of a lease belongs to: `host:3001` of `host:3001/5f2c9a01/17`. */
export function toHolder(by: string): string {
  return by.replace(/(?:\/[^/]*){2}$/, '');
}

/** A record as it is once it has its final state. */
export function withFinalState(record: HopRecord, { state, result, ledger, at }: FinalState): HopRecord {
  const { out: _, ...rest } = record;
  const entries = [...(record.ledger ?? []), ...(ledger === undefined ? [] : [ledger])];
  return { ...rest, state, result, doneAt: at, ...(entries.length === 0 ? {} : { ledger: entries }) };
}

/** SHA-256 over the canonical body and its parent's id, in hexadecimal. */
export function fingerprint(body: Body, parent: string | null): string {
  return hash('sha256', stringify([parent, body]) ?? '', 'hex');
}

/** Maximum length of a key: far below the limit of a header, and enough for a chain of ten hops. */
const maxKey = 1000;

/**
 * The key of a part whose id is taken, so that no client can block another's document by using the id of its part
 * first. No id contains `@`, so no client can use such a key. `undefined` when it is too long.
 */
export function toPartKey(partId: string, parent: string): string | undefined {
  const key = `${partId}@${parent}`;
  return key.length > maxKey ? undefined : key;
}

/** Whether `text` can be the `_id` of a record: an id, or the key of a part. */
export function isKey(text: string): boolean {
  return text.length <= maxKey && text.split('@').every(isId);
}
