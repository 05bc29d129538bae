/** The words of a story: attempts, refusals, money, ends and answers. */
import type { SentAttempt } from '@holdfast/shared/observability/events.ts';
import type { LabStep } from '../../server/wire.ts';
import { toMs, toSeconds } from './format.ts';
import type { Row } from './story-rows.ts';

type Words = Pick<Row, 'text' | 'tone'>;

/** A length: `106 ms`, `11.4 s`. */
export function toLength(ms: number): string {
  return ms < 1_000 ? toMs(Math.max(0, ms)) : toSeconds(ms);
}

/** One attempt with its length and result. */
export function toAttempt(
  { outcome, httpStatus, ms, probe }: SentAttempt,
  { next, by, isAgain }: { next: string; by: LabStep['by']; isAgain: boolean },
): Words {
  const who = by === 'relay' ? 'the relay asks' : isAgain ? 'asks again' : 'asks';
  const as = probe === true ? ', as the probe of the breaker' : '';
  const { words, tone } = toResult(outcome, httpStatus, ms);
  return { text: `${who} ${next}${as}: ${words}`, tone };
}

function toResult(
  outcome: string,
  httpStatus: number | undefined,
  ms: number,
): { words: string; tone: Row['tone'] } {
  const after = `after ${toMs(ms)}`;
  switch (outcome) {
    case 'done':
      return { words: `done ${after}`, tone: 'good' };
    case 'waiting':
      return { words: `kept there and not finished, ${after}`, tone: 'wait' };
    case 'refused':
      return { words: `refused for good ${after}`, tone: 'undone' };
    case 'attempt-timeout':
      return { words: `no answer within ${toMs(ms)}; what became of it is unknown`, tone: 'bad' };
    case 'neighbour-unreachable':
      return { words: `not reached, ${after}`, tone: 'bad' };
    case 'neighbour-busy':
      return { words: `too busy (${httpStatus ?? 'no status'}) ${after}`, tone: 'bad' };
    default:
      return { words: `${httpStatus ?? outcome} ${after}`, tone: 'bad' };
  }
}

/** Why nothing was sent. */
export function toUnsentWords(outcome: string | undefined, next: string, by: LabStep['by']): Words {
  const who = by === 'relay' ? 'the relay sends' : 'sends';
  const why: Readonly<Record<string, string>> = {
    'breaker-open': 'the breaker is open',
    'bulkhead-full': 'no slot is free',
    'no-instance': 'no instance is known',
    'deadline-exceeded': 'no time is left',
  };
  return { text: `${who} nothing to ${next}: ${why[outcome ?? ''] ?? outcome ?? 'unknown'}`, tone: 'bad' };
}

/** One movement of money. */
export function toMoneyWords(kind: string, amount: number): Words {
  const words: Readonly<Record<string, string>> = {
    charge: 'charges',
    capture: 'captures',
    refund: 'refunds',
  };
  const tone = kind === 'refund' ? 'undone' : kind === 'capture' ? 'good' : 'quiet';
  return { text: `${words[kind] ?? kind} ${amount}`, tone };
}

/** The end of a document. */
export function toEndWords(status: string): Words {
  switch (status) {
    case 'completed':
      return { text: 'has completed it', tone: 'good' };
    case 'dead':
      return { text: 'puts it aside: it needs a person', tone: 'bad' };
    case 'rejected':
      return { text: 'refuses it for good', tone: 'undone' };
    default:
      return { text: `has ${status} it`, tone: 'undone' };
  }
}

/** What a customer was answered. */
export function toCustomerWords({ httpStatus, status, ms }: LabStep): Words {
  const after = `after ${toMs(ms)}`;
  if (httpStatus === 200) return { text: `gets 200 ${after}: completed`, tone: 'good' };
  if (httpStatus === 202) return { text: `gets 202 ${after}: kept, not finished`, tone: 'wait' };
  const isRefusal = httpStatus !== null && httpStatus < 500;
  return { text: `gets ${httpStatus ?? status} ${after}`, tone: isRefusal ? 'undone' : 'bad' };
}
