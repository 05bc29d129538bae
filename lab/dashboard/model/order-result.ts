/** The status of an order in words, as a customer would get it now. */
import { toSeconds, toWholeSeconds } from './format.ts';
import type { DocumentProgress } from './orders.ts';

/** The colour of a result; the words say the same. */
export type ResultKind = 'done' | 'pending' | 'undone' | 'failed';

/** The result of one order. */
export interface OrderResult {
  readonly kind: ResultKind;
  readonly words: string;
  /** Why it is not finished, if a service reports it. */
  readonly why: string | null;
}

/** The result of the order whose first document is given; `now` is the lab's time. */
export function toResult(root: DocumentProgress | undefined, now: number): OrderResult {
  if (root === undefined) return { kind: 'pending', words: 'in work', why: null };
  const { status, reason, httpStatus, by } = root.last;
  switch (status) {
    case 'completed':
      return {
        kind: 'done',
        words: by === 'relay' ? `completed after ${toAge(root)}` : 'completed',
        why: null,
      };
    case 'pending':
      return { kind: 'pending', words: toPending(root, now), why: reason };
    case 'cancelled':
    case 'refunded':
      return { kind: 'undone', words: status, why: reason };
    case 'rejected':
      return { kind: 'undone', words: 'refused', why: reason };
    case 'dead':
      return { kind: 'failed', words: 'put aside, needs a person', why: reason };
    default:
      return {
        kind: 'failed',
        words: httpStatus === null ? status : `${status} · ${httpStatus}`,
        why: reason,
      };
  }
}

function toPending({ last, handedOn }: DocumentProgress, now: number): string {
  const outcome = handedOn?.next?.outcome;
  const unknown = outcome === 'attempt-timeout' ? ' · unknown' : '';
  const next = toNext(handedOn?.retryAt ?? last.retryAt, now);
  return `pending${unknown} · ${next}`;
}

function toNext(retryAt: number | null, now: number): string {
  if (retryAt === null) return 'in work';
  return retryAt > now ? `retry queued in ${toWholeSeconds(retryAt - now)}` : 'retry due';
}

function toAge({ firstAt, last }: DocumentProgress): string {
  return toSeconds(last.at - firstAt);
}
