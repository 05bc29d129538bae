/** The rows of one delivery to the next hop: its attempts, or why nothing was sent, and the wait after it. */
import type { KeptDocument } from '../../server/story-wire.ts';
import type { LabStep } from '../../server/wire.ts';
import type { Stretch } from './story-background.ts';
import type { Row, RowOf } from './story-rows.ts';
import { toAttempt, toLength, toUnsentWords } from './story-words.ts';

/** What the rows of a delivery need to know of all else. */
export interface DeliveryContext {
  readonly now: number;
  readonly stretches: readonly Stretch[];
  /** The part of an address that differs from the others. */
  readonly toPlace: (url: string) => string;
}

/** What surrounds one delivery. */
interface Surroundings {
  /** The delivery after it. */
  readonly following: LabStep | undefined;
  readonly document: KeptDocument | null;
  readonly row: RowOf;
  readonly context: DeliveryContext;
}

/** One delivery: whose lease it took over, each attempt, or why nothing was sent, and the wait after it. */
export function toDeliveryRows(step: LabStep, surroundings: Surroundings): Row[] {
  const { row, context } = surroundings;
  const { instance, attempts = [], tookOver, next, reason, by } = step;
  const name = next?.name ?? 'the next hop';
  const plain = { endAt: null, detail: null, instance } as const;
  const sent = attempts.map((attempt, index) => {
    const { text, tone } = toAttempt(attempt, {
      next: `${name} at ${context.toPlace(attempt.url)}`,
      by,
      isAgain: index > 0,
    });
    const detail = index === attempts.length - 1 && tone === 'bad' ? reason : null;
    return row('attempt', attempt.at, { ...plain, endAt: attempt.at + attempt.ms, text, tone, detail });
  });
  const unsent =
    attempts.length === 0 && step.status === 'pending'
      ? [row('unsent', step.at, { ...plain, ...toUnsentWords(next?.outcome, name, by), detail: reason })]
      : [];
  const lease =
    tookOver === undefined
      ? []
      : [row('lease', step.at - step.ms, { ...plain, ...toTakeOverWords(tookOver) })];
  return [...lease, ...sent, ...unsent, ...toWaitRows(step, surroundings)];
}

/** The wait after a delivery ends with the next one, which may be later than it was due. */
function toWaitRows(step: LabStep, { following, document, row, context }: Surroundings): Row[] {
  const { at, retryAt, status, origin } = step;
  const { now, stretches } = context;
  if (retryAt === null || status !== 'pending') return [];
  const doneAt = document?.doneAt === undefined ? undefined : Date.parse(document.doneAt);
  const nextAt = following === undefined ? doneAt : following.at - following.ms;
  const plain = { tone: 'wait', detail: null, instance: null } as const;
  if (nextAt === undefined && retryAt > now) {
    const text = `waits ${toLength(retryAt - at)}, for another ${toLength(retryAt - now)}`;
    return [row('wait', at, { ...plain, endAt: retryAt, text })];
  }
  const endAt = Math.max(at, nextAt ?? now);
  const isHeld = stretches.some(
    ({ service, from, to }) => service === origin && from <= retryAt && to >= retryAt,
  );
  const due = `; it was due after ${toLength(retryAt - at)}${isHeld ? ', and the breaker was not closed' : ''}`;
  const text = `waits ${toLength(endAt - at)}${endAt - retryAt > 1000 ? due : ''}`;
  return [row('wait', at, { ...plain, endAt, text })];
}

function toTakeOverWords({ from, ended }: NonNullable<LabStep['tookOver']>): Pick<Row, 'text' | 'tone'> {
  const died = ended === 0 ? '' : `; ${ended} process${ended === 1 ? '' : 'es'} ended while holding it`;
  return from === null
    ? { text: `takes it up again after a restart${died}`, tone: 'bad' }
    : { text: `takes it over: the lease of ${from} ran out without a word${died}`, tone: 'bad' };
}
