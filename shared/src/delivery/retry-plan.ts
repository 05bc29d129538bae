/**
 * What follows from an attempt to hand a document on: the table of answers as one pure function.
 *
 * Final answers settle the document; everything else says when to try again, in words and in milliseconds.
 */

import { codeOf } from '../core/errors.ts';
import { NeighbourError, NotSentError } from '../resilience/errors.ts';
import { toLastingReason, toReason } from './answers.ts';
import type { NeighbourAnswer } from './neighbour-answer.ts';
import type { HopRecord, Report } from './record.ts';

/** What an attempt brought: an answer, or what was thrown. */
export type Attempted = { readonly answer: NeighbourAnswer } | { readonly error: unknown };

/** An outcome that is not final. */
export interface RetryPlan {
  readonly report: Report;
  readonly reason: string;
  /** Milliseconds until the next try. */
  readonly waitMs: number;
  /** True when somebody has to mend the configuration. */
  readonly alarm: boolean;
  /** True when no further try can be expected to help: the document is put aside. */
  readonly hopeless: boolean;
}

/** Waiting times in milliseconds; sources: durability.md's table of answers. */
export const waits = {
  again: { firstMs: 250, capMs: 5_000 },
  failed: { firstMs: 200, capMs: 30_000 },
  misconfigured: { firstMs: 5_000, capMs: 300_000 },
  notSentJitterMs: 250,
  askedJitterMs: 250,
} as const;

/** Longest time in milliseconds for which any report puts a document off. */
export const longestWaitMs = waits.misconfigured.capMs;

/**
 * Answers in a row of a next hop that is there and does not take the document, after which it is put aside: one every
 * five minutes for 72 hours. A count, because a clock that jumps makes anything old; and only such answers, because
 * an outage, however long, says nothing about the document.
 */
export const hopelessRefusals = 864;

/** Judges an attempt that brought no final answer. `random` gives numbers from 0 to 1, 1 excluded. */
export function planRetry(
  record: HopRecord,
  next: string,
  attempted: Attempted,
  { now, random }: { now: number; random: () => number },
): RetryPlan {
  const { kind, reason, alarm, ...judged } = judge(attempted, record, now, random, next);
  const waitMs = Math.min(longestWaitMs, judged.waitMs);
  const err = 'error' in attempted ? toLastingReason(attempted.error, next) : reason;
  const hopeless = kind === 'not-taken' && (record.out?.refusals ?? 0) + 1 >= hopelessRefusals;
  return { report: { kind, err, due: new Date(now + waitMs) }, reason, waitMs, alarm, hopeless };
}

function judge(
  attempted: Attempted,
  record: HopRecord,
  now: number,
  random: () => number,
  next: string,
): { kind: Report['kind']; waitMs: number; reason: string; alarm: boolean } {
  if ('answer' in attempted && attempted.answer.kind === 'pending') {
    const { reason, retryAfterMs } = attempted.answer;
    // An overdue document is promised in a second, again and again; who asks for hundreds of them must not be a storm.
    const waitMs = Math.max(retryAfterMs ?? 0, againMs(record, now));
    return { kind: 'waiting', waitMs, reason, alarm: false };
  }
  const fails = record.out?.fails ?? 0;
  const error = 'error' in attempted ? attempted.error : new TypeError('a final answer is not unfinished');
  const reason = toReason(error, next);
  if (error instanceof NotSentError) {
    return {
      kind: 'not-sent',
      waitMs: error.retryAfterMs + random() * waits.notSentJitterMs,
      reason,
      alarm: false,
    };
  }
  if (needsMending(error)) {
    const { firstMs, capMs } = waits.misconfigured;
    const isNotTaken = codeOf(error) === 'document-not-taken';
    const before = isNotTaken ? (record.out?.refusals ?? 0) : fails;
    const kind = isNotTaken ? 'not-taken' : 'failed';
    return { kind, waitMs: Math.min(capMs, firstMs * 2 ** before), reason, alarm: true };
  }
  const { firstMs, capMs } = waits.failed;
  return {
    kind: 'failed',
    waitMs: Math.max(random() * Math.min(capMs, firstMs * 2 ** (fails + 1)), askedMs(error, random)),
    reason,
    alarm: false,
  };
}

/** Neither time nor another try helps: the document is not taken, or whoever answers is no part of the chain. */
function needsMending(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'document-not-taken' || code === 'neighbour-misconfigured';
}

/** What the next hop asked for, capped where it was read, and a little more, so that not all come back at once. */
function askedMs(error: unknown, random: () => number): number {
  if (!(error instanceof NeighbourError) || error.retryAfterMs === undefined) return 0;
  return error.retryAfterMs + random() * waits.askedJitterMs;
}

/** Doubles with the age of the question: 250 ms at first, then as long as it has been waiting, at most 5 s. */
function againMs(record: HopRecord, now: number): number {
  const ageMs = now - record.at.getTime();
  return Math.min(waits.again.capMs, Math.max(waits.again.firstMs, ageMs));
}
