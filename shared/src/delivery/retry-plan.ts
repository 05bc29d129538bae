/**
 * What follows from an attempt without a final answer: when to try again and what to report. Pure functions.
 */

import { codeOf } from '../core/errors.ts';
import { NeighbourError, NotSentError } from '../resilience/errors.ts';
import { toLastingReason, toReason } from './answers.ts';
import type { NeighbourAnswer } from './neighbour-answer.ts';
import type { HopRecord, Report } from './record.ts';

/** The result of an attempt: an answer, or what was thrown. */
export type AttemptResult = { readonly answer: NeighbourAnswer } | { readonly error: unknown };

/** How to continue after an attempt without a final answer. */
export interface RetryPlan {
  readonly report: Report;
  readonly reason: string;
  /** Milliseconds until the next try. */
  readonly waitMs: number;
  /** True when an operator has to change the configuration. */
  readonly alarm: boolean;
  /** True when no further attempt is expected to succeed: the document is dead-lettered. */
  readonly isDeadLetter: boolean;
}

/** Waiting times in milliseconds; docs/durability.md says what each is for. */
export const waits = {
  again: { firstMs: 250, capMs: 5_000 },
  failed: { firstMs: 200, capMs: 30_000 },
  misconfigured: { firstMs: 5_000, capMs: 300_000 },
  notSentJitterMs: 250,
  askedJitterMs: 250,
} as const;

/** Longest wait in milliseconds that a report may ask for. */
export const longestWaitMs = waits.misconfigured.capMs;

/**
 * `not-taken` answers in a row after which a document is dead-lettered: one every five minutes for 72 hours. Counted,
 * because a clock that jumps changes any age; and only these answers, because an outage of any length is not the
 * document's fault.
 */
const maxRefusals = 864;

/** Plans the retry after an attempt without a final answer. `random` returns numbers from 0 to 1, 1 excluded. */
export function planRetry(
  record: HopRecord,
  next: string,
  attempt: AttemptResult,
  { now, random }: { now: number; random: () => number },
): RetryPlan {
  const { kind, reason, alarm, ...judged } = judge(attempt, record, now, random, next);
  const waitMs = Math.min(longestWaitMs, judged.waitMs);
  const err = 'error' in attempt ? toLastingReason(attempt.error, next) : reason;
  const isDeadLetter = kind === 'not-taken' && (record.out?.refusals ?? 0) + 1 >= maxRefusals;
  return { report: { kind, err, due: new Date(now + waitMs) }, reason, waitMs, alarm, isDeadLetter };
}

function judge(
  attempt: AttemptResult,
  record: HopRecord,
  now: number,
  random: () => number,
  next: string,
): { kind: Report['kind']; waitMs: number; reason: string; alarm: boolean } {
  if ('answer' in attempt && attempt.answer.kind === 'pending') {
    const { reason, retryAfterMs } = attempt.answer;
    // The next hop may name one second again and again; hundreds of pending documents must not poll it that often.
    const waitMs = Math.max(retryAfterMs ?? 0, pendingWaitMs(record, now));
    return { kind: 'waiting', waitMs, reason, alarm: false };
  }
  const fails = record.out?.fails ?? 0;
  const error = 'error' in attempt ? attempt.error : new TypeError('a final answer is not unfinished');
  const reason = toReason(error, next);
  if (error instanceof NotSentError) {
    return {
      kind: 'not-sent',
      waitMs: error.retryAfterMs + random() * waits.notSentJitterMs,
      reason,
      alarm: false,
    };
  }
  if (needsOperator(error)) {
    const { firstMs, capMs } = waits.misconfigured;
    const isNotTaken = codeOf(error) === 'document-not-taken';
    const before = isNotTaken ? (record.out?.refusals ?? 0) : fails;
    const kind = isNotTaken ? 'not-taken' : 'failed';
    return { kind, waitMs: Math.min(capMs, firstMs * 2 ** before), reason, alarm: true };
  }
  const { firstMs, capMs } = waits.failed;
  return {
    kind: 'failed',
    waitMs: Math.max(random() * Math.min(capMs, firstMs * 2 ** (fails + 1)), requestedWaitMs(error, random)),
    reason,
    alarm: false,
  };
}

/** The next hop does not accept the document, or the answer is not from the chain: a retry alone will not help. */
function needsOperator(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'document-not-taken' || code === 'neighbour-misconfigured';
}

/** The wait that the next hop asked for (capped by the parser), plus jitter. */
function requestedWaitMs(error: unknown, random: () => number): number {
  if (!(error instanceof NeighbourError) || error.retryAfterMs === undefined) return 0;
  return error.retryAfterMs + random() * waits.askedJitterMs;
}

/** The age of the document, at least 250 ms and at most 5 s. */
function pendingWaitMs(record: HopRecord, now: number): number {
  const ageMs = now - record.at.getTime();
  return Math.min(waits.again.capMs, Math.max(waits.again.firstMs, ageMs));
}
