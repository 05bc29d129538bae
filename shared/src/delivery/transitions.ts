/**
 * The states that a document can begin and end in, as pure functions.
 *
 * Money moves only here: a charge when the document is created, then exactly one capture or refund with the final state.
 */

import type { HoldfastError } from '../core/errors.ts';
import { toProblem } from '../core/problem.ts';
import type { Body, Resource } from '../core/resource.ts';
import { findUnstorable, isTooDeep } from '../core/storable.ts';
import { completed, refused } from './answers.ts';
import type { NeighbourAnswer } from './neighbour-answer.ts';
import {
  type FinalState,
  fingerprint,
  type HopRecord,
  type Lease,
  type LedgerEntry,
  withFinalState,
} from './record.ts';

/** The parent of a new document, and when it is created. */
export interface Origin {
  readonly parent: string | null;
  readonly at: Date;
}

/** The outbox of a new document, leased by its creator. */
export interface NewOutbox extends Lease {
  readonly hop: number;
  readonly via: readonly string[];
}

/** The transitions of one service's documents. */
export interface Transitions<B extends Body> {
  /** A new document with a part to deliver to the next hop. */
  pendingRecord(body: B, origin: Origin, outbox: NewOutbox): HopRecord;
  /** A new document at the end of the chain: final at once, without an outbox. */
  finalRecord(body: B, origin: Origin): HopRecord;
  /**
   * A new document that is rejected, with its answer: a late duplicate gets the same one. Of content that cannot be
   * stored, only the id is; the fingerprint is of the whole content.
   */
  rejectedRecord(content: Body, origin: Origin, error: HoldfastError): HopRecord;
  /** The final state after the next hop has completed; without `next` the chain ends here. */
  completion(record: HopRecord, at: Date, next?: NeighbourAnswer & { kind: 'done' }): FinalState;
  /** The final state after a later hop has finally refused: a charge is refunded. */
  refusal(
    record: HopRecord,
    at: Date,
    nextName: string,
    next: NeighbourAnswer & { kind: 'refused' },
  ): FinalState;
}

/** Creates the transitions for `resource` at the service called `service`. */
export function createTransitions<B extends Body>(resource: Resource<B>, service: string): Transitions<B> {
  const entry = (t: LedgerEntry['t'], record: Pick<HopRecord, 'body'>, at: Date): LedgerEntry | undefined =>
    resource.amount === undefined ? undefined : { t, amount: resource.amount(record.body as B), at };

  const newRecord = (body: B, { parent, at }: Origin): HopRecord => {
    const charge = entry('charge', { body }, at);
    return {
      _id: body.id,
      v: 1,
      fp: fingerprint(body, parent),
      parent,
      body,
      state: 'accepted',
      result: null,
      ...(charge === undefined ? {} : { ledger: [charge] }),
      dups: 0,
      at,
    };
  };

  const completion: Transitions<B>['completion'] = (record, at, next) => {
    const ms = Math.max(0, Math.round(at.getTime() - record.at.getTime())); // a clock may be set back
    const result = completed(record, service, { at, ms, next });
    return { state: 'completed', result, ledger: entry('capture', record, at), at };
  };

  return {
    pendingRecord: (body, origin, outbox) => ({
      ...newRecord(body, origin),
      out: { ...outbox, n: 1, fails: 0, firstAt: origin.at },
    }),
    finalRecord(body, origin) {
      const record = newRecord(body, origin);
      return withFinalState(record, completion(record, origin.at));
    },
    rejectedRecord(content, { parent, at }, error) {
      const { problem } = toProblem(error, true);
      const result = { status: problem.status, body: { ...problem, final: true, id: content.id } };
      const body = findUnstorable(content).length === 0 && !isTooDeep(content) ? content : { id: content.id };
      const fp = fingerprint(content, parent);
      return { _id: content.id, v: 1, fp, parent, body, state: 'rejected', result, dups: 0, at, doneAt: at };
    },
    completion,
    refusal: (record, at, nextName, next) => ({
      state: resource.refusedState,
      result: refused(record, resource, nextName, next),
      ledger: entry('refund', record, at),
      at,
    }),
  };
}
