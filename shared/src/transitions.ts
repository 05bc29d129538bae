/**
 * The legal changes of a document, as pure functions: how it is born, and how it becomes final.
 *
 * Money moves only here: a charge at birth, then exactly one capture or refund with the final state.
 */
import { completed, refused } from './answers.ts';
import type { Body, Noun } from './noun.ts';
import { fingerprint, type HopRecord, type LedgerEntry, type Settlement } from './record.ts';
import type { NeighbourAnswer } from './resilience/neighbour-answer.ts';

/** A lease on the work that a document owes to the next hop. */
export interface Lease {
  /** Fencing token of the holder. */
  readonly by: string;
  /** End of the lease. */
  readonly due: Date;
}

/** The transitions of one service's documents. */
export interface Transitions<B extends Body> {
  /** A new document that owes its child to the next hop; the lease is the creator's. */
  owing(body: B, parent: string | null, lease: Lease, at: Date): HopRecord;
  /** A new document at the end of the chain: final from the first moment, and owing nothing. */
  final(body: B, parent: string | null, at: Date): HopRecord;
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

  const blank = (body: B, parent: string | null, at: Date): HopRecord => {
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
    const ms = Math.round(at.getTime() - record.at.getTime());
    const result = completed(record, service, { at, ms, next });
    return { state: 'completed', result, ledger: entry('capture', record, at), at };
  };

  return {
    owing: (body, parent, lease, at) => ({
      ...blank(body, parent, at),
      out: { ...lease, n: 1, fails: 0, firstAt: at },
    }),
    final(body, parent, at) {
      const record = blank(body, parent, at);
      const { state, result, ledger } = completion(record, at);
      const ended: HopRecord = { ...record, state, result, doneAt: at };
      return ledger === undefined ? ended : { ...ended, ledger: [...(record.ledger ?? []), ledger] };
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
