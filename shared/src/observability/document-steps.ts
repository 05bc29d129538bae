/**
 * Emits what becomes of documents, by wrapping the two functions that every document passes.
 *
 * hop.ts and deliver.ts know nothing of it. Content never leaves here: a step has ids, words and times only.
 */

import { codeOf } from '../core/errors.ts';
import { type Answer, toStatus } from '../delivery/answers.ts';
import type { Deliver, DeliveryResult } from '../delivery/deliver.ts';
import type { Create } from '../delivery/hop.ts';
import type { HopSummary } from '../delivery/neighbour-answer.ts';
import { type HopRecord, toHolder } from '../delivery/record.ts';
import type { AttemptResult } from '../delivery/retry-plan.ts';
import type { Clock } from '../resilience/deadline.ts';
import { NeighbourError } from '../resilience/errors.ts';
import type { DocumentStep, Events, SentAttempt } from './events.ts';

/** Where steps are emitted, and by which clock. */
export interface WatchOptions {
  readonly events: Events;
  readonly clock: Clock;
}

/** Watches the creates of a service: one step for every answer that names a document. */
export function watchCreate(create: Create, { events, clock }: WatchOptions): Create {
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
      status: answer.state === undefined ? 'failed' : toStatus(answer.state),
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

/** Watches deliveries to the hop called `next`, made by a waiting request or by the relay. */
export function watchDelivery(
  deliver: Deliver,
  { events, clock, by, next }: WatchOptions & { by: DocumentStep['by']; next: string },
): Deliver {
  return async (record, token, how) => {
    const startedAt = clock();
    const attempts: SentAttempt[] = [];
    const onAttempt: NonNullable<typeof how.onAttempt> = ({ url, isProbe }) => {
      const sentAt = clock();
      return (ended) => {
        const ms = Math.max(0, Math.round(clock() - sentAt));
        const probe = isProbe ? { probe: true as const } : {};
        attempts.push({ at: Math.round(sentAt), ms, url, ...toAttemptOutcome(ended), ...probe });
      };
    };
    const result = await deliver(record, token, { ...how, onAttempt });
    const at = Math.round(clock());
    const isFinal = result.kind === 'final';
    events.emit('document', {
      at,
      id: record.body.id,
      parent: record.parent,
      step: 'handed-on',
      by,
      status: isFinal ? toStatus(result.state) : 'pending',
      httpStatus: null,
      ms: Math.max(0, Math.round(clock() - startedAt)),
      next: { name: next, ...toOutcome(result) },
      reason: isFinal ? toText(result.result.body.detail) : result.reason,
      retryAt: isFinal ? null : Math.round(at + result.waitMs),
      hops: isFinal ? ((result.result.body.hops as readonly HopSummary[] | undefined) ?? null) : null,
      ...(attempts.length === 0 ? {} : { attempts }),
      ...toTakeOver(record),
    });
    return result;
  };
}

function toOutcome(result: DeliveryResult): Omit<NonNullable<DocumentStep['next']>, 'name'> {
  if (result.kind === 'final') return { outcome: result.state === 'completed' ? 'done' : 'refused' };
  if (result.report.kind === 'waiting') return { outcome: 'waiting' };
  const { error } = result;
  return { outcome: codeOf(error), httpStatus: error instanceof NeighbourError ? error.status : undefined };
}

function toAttemptOutcome(ended: AttemptResult): Pick<SentAttempt, 'outcome' | 'httpStatus'> {
  if ('answer' in ended) return { outcome: ended.answer.kind === 'pending' ? 'waiting' : ended.answer.kind };
  const { error } = ended;
  const httpStatus = error instanceof NeighbourError ? error.status : undefined;
  return { outcome: codeOf(error), ...(httpStatus === undefined ? {} : { httpStatus }) };
}

/** Whether an earlier holder ended without a report. */
function toTakeOver({ out }: HopRecord): Pick<DocumentStep, 'tookOver'> {
  const { takenFrom, ended = 0 } = out ?? {};
  if (takenFrom === undefined && ended === 0) return {};
  return { tookOver: { from: takenFrom === undefined ? null : toHolder(takenFrom), ended } };
}

function toRetryAt({ headers }: Answer, at: number): number | null {
  const seconds = headers['Retry-After'];
  return seconds === undefined ? null : at + Number(seconds) * 1000;
}

function toText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
