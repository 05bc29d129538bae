/**
 * The legal changes of a document, as pure functions: how it is born, and how it becomes final.
 *
 * Money moves only here: a charge at birth, then exactly one capture or refund with the final state.
 */

import type { HoldfastError } from '../core/errors.ts';
import type { Body, Noun } from '../core/noun.ts';
import { toProblem } from '../core/problem.ts';
import { findUnstorable, isTooDeep } from '../core/storable.ts';
import { completed, refused } from './answers.ts';
import type { NeighbourAnswer } from './neighbour-answer.ts';
import { fingerprint, type HopRecord, type Lease, type LedgerEntry, type Settlement } from './record.ts';

/** Where in the chain a document is born. */
export interface Birth {
  readonly parent: string | null;
  readonly at: Date;
}

/** What a document owes to the next hop from birth, already leased by its creator. */
export interface Debt extends Lease {
  readonly hop: number;
  readonly via: readonly string[];
}

/** The transitions of one service's documents. */
export interface Transitions<B extends Body> {
  /** A new document that owes its child to the next hop; the lease is the creator's. */
  owing(body: B, birth: Birth, debt: Debt): HopRecord;
  /** A new document at the end of the chain: final from the first moment, and owing nothing. */
  final(body: B, birth: Birth): HopRecord;
  /**
   * A document that is refused at birth, with its answer: a late duplicate gets the same one. Content that cannot be
   * stored is kept as its id alone; the fingerprint still knows it.
   */
  rejected(content: Body, birth: Birth, error: HoldfastError): HopRecord;
  /** What becomes of a document when the next hop is done; without `next` the chain ends here. */
  completion(record: HopRecord, at: Date, next?: NeighbourAnswer & { kind: 'done' }): Settlement;
  /** What becomes of a document when a later hop has finally refused: what was done here is taken back. */
  refusal(
    record: HopRecord,
    at: Date,
    nextName: string,
    next: NeighbourAnswer & { kind: 'refused' },
  ): Settlement;
}

/** Creates the transitions for `noun` at the service called `service`. */
export function createTransitions<B extends Body>(noun: Noun<B>, service: string): Transitions<B> {
  const entry = (t: LedgerEntry['t'], record: Pick<HopRecord, 'body'>, at: Date): LedgerEntry | undefined =>
    noun.amount === undefined ? undefined : { t, amount: noun.amount(record.body as B), at };

  const blank = (body: B, { parent, at }: Birth): HopRecord => {
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
    owing: (body, birth, debt) => ({
      ...blank(body, birth),
      out: { ...debt, n: 1, fails: 0, firstAt: birth.at },
    }),
    final(body, birth) {
      const record = blank(body, birth);
      const { state, result, ledger } = completion(record, birth.at);
      const ended: HopRecord = { ...record, state, result, doneAt: birth.at };
      return ledger === undefined ? ended : { ...ended, ledger: [...(record.ledger ?? []), ledger] };
    },
    rejected(content, { parent, at }, error) {
      const { problem } = toProblem(error, true);
      const result = { status: problem.status, body: { ...problem, final: true, id: content.id } };
      const body = findUnstorable(content).length === 0 && !isTooDeep(content) ? content : { id: content.id };
      const fp = fingerprint(content, parent);
      return { _id: content.id, v: 1, fp, parent, body, state: 'rejected', result, dups: 0, at, doneAt: at };
    },
    completion,
    refusal: (record, at, nextName, next) => ({
      state: noun.refusedState,
      result: refused(record, noun, nextName, next),
      ledger: entry('refund', record, at),
      at,
    }),
  };
}
