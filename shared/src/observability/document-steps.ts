/**
 * Tells the bus what becomes of documents, by watching the two functions that every document passes.
 *
 * The story itself (hop.ts, deliver.ts) does not know that it is watched. Content never leaves here: a step has ids,
 * words and times only.
 */

import { codeOf } from '../core/errors.ts';
import type { Answer } from '../delivery/answers.ts';
import type { Deliver, DeliveryResult } from '../delivery/deliver.ts';
import type { Create } from '../delivery/hop.ts';
import type { HopSummary } from '../delivery/neighbour-answer.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { DocumentStep, Events } from './events.ts';

/** Where steps are told, by which clock, and in which words. */
export interface WatchOptions {
  readonly events: Events;
  readonly clock: Clock;
  /** What the next hop is called. */
  readonly next: string;
  /** The status of a document whose next hop has finally refused. */
  readonly refusedState: string;
}

/** Watches the creates of a service: one step for every answer that names a document. */
export function watchCreate(create: Create, options: WatchOptions): Create {
  const { events, clock } = options;
  return async (request) => {
    const startedAt = clock();
    const answer = await create(request);
    const at = Math.round(clock());
    const { id } = answer.body;
    if (typeof id !== 'string') return answer;
    events.emit('document', {
      at,
      id,
      parent: request.parent,
      step: 'answered',
      by: 'request',
      status: toStatusWord(answer, options),
      httpStatus: answer.status,
      ms: Math.max(0, Math.round(clock() - startedAt)),
      next: null,
      reason: toText(answer.body.reason) ?? toText(answer.body.detail),
      retryAt: toRetryAt(answer, at),
      hops: (answer.body.hops as readonly HopSummary[] | undefined) ?? null,
    });
    return answer;
  };
}

/** Watches turns with the next hop, taken by a waiting request or by the relay. */
export function watchDelivery(
  deliver: Deliver,
  { events, clock, by, next, refusedState }: WatchOptions & { by: DocumentStep['by'] },
): Deliver {
  return async (record, token, how) => {
    const startedAt = clock();
    const result = await deliver(record, token, how);
    const at = Math.round(clock());
    const isFinal = result.kind === 'final';
    events.emit('document', {
      at,
      id: record.body.id,
      parent: record.parent,
      step: 'handed-on',
      by,
      status: isFinal ? (toText(result.result.body.status) ?? refusedState) : 'pending',
      httpStatus: null,
      ms: Math.max(0, Math.round(clock() - startedAt)),
      next: { name: next, outcome: toOutcome(result) },
      reason: isFinal ? toText(result.result.body.detail) : result.reason,
      retryAt: isFinal ? null : Math.round(at + result.waitMs),
      hops: isFinal ? ((result.result.body.hops as readonly HopSummary[] | undefined) ?? null) : null,
    });
    return result;
  };
}

function toOutcome(result: DeliveryResult): string {
  if (result.kind === 'final') return result.result.status === 200 ? 'done' : 'refused';
  if (result.report.kind === 'waiting') return 'waiting';
  return codeOf(result.error);
}

/** A problem's `status` is its HTTP status, not a word. */
function toStatusWord({ status, body, error }: Answer, { next, refusedState }: WatchOptions): string {
  if (typeof body.status === 'string') return body.status;
  if (error !== undefined || status !== 422) return 'failed';
  return toText(body.detail)?.startsWith(`${next} refused: `) ? refusedState : 'rejected';
}

function toRetryAt({ headers }: Answer, at: number): number | null {
  const seconds = headers['Retry-After'];
  return seconds === undefined ? null : at + Number(seconds) * 1000;
}

function toText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
