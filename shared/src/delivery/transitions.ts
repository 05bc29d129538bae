/**
 * The legal changes of a document, as pure functions: how it is born, and how it becomes final.
 *
 * Money moves only here: a charge at birth, then exactly one capture or refund with the final state.
 */

import type { HoldfastError } from '../core/errors.ts';
import { toProblem } from '../core/problem.ts';
import type { Body, Resource } from '../core/resource.ts';
import { findUnstorable, isTooDeep } from '../core/storable.ts';
import { completed, refused } from './answers.ts';
import type { NeighbourAnswer } from './neighbour-answer.ts';
import { type FinalState, fingerprint, type HopRecord, type Lease, type LedgerEntry } from './record.ts';

/** Where in the chain a document is born. */
export interface Origin {
  readonly parent: string | null;
  readonly at: Date;
}

/** What a document owes to the next hop from birth, already leased by its creator. */
export interface NewOutbox extends Lease {
  readonly hop: number;
  readonly via: readonly string[];
}

/** The transitions of one service's documents. */
export interface Transitions<B extends Body> {
  /** A new document that owes its child to the next hop; the lease is the creator's. */
  pendingRecord(body: B, origin: Origin, outbox: NewOutbox): HopRecord;
  /** A new document at the end of the chain: final from the first moment, and owing nothing. */
  finalRecord(body: B, origin: Origin): HopRecord;
  /**
   * A document that is refused at birth, with its answer: a late duplicate gets the same one. Content that cannot be
   * stored is kept as its id alone; the fingerprint still knows it.
   */
  rejectedRecord(content: Body, origin: Origin, error: HoldfastError): HopRecord;
  /** What becomes of a document when the next hop is done; without `next` the chain ends here. */
  completion(record: HopRecord, at: Date, next?: NeighbourAnswer & { kind: 'done' }): FinalState;
  /** What becomes of a document when a later hop has finally refused: what was done here is taken back. */
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

  const blank = (body: B, { parent, at }: Origin): HopRecord => {
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
      ...blank(body, origin),
      out: { ...outbox, n: 1, fails: 0, firstAt: origin.at },
    }),
    finalRecord(body, origin) {
      const record = blank(body, origin);
      const { state, result, ledger } = completion(record, origin.at);
      const ended: HopRecord = { ...record, state, result, doneAt: origin.at };
      return ledger === undefined ? ended : { ...ended, ledger: [...(record.ledger ?? []), ledger] };
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
