/** Whether the best settings are better than those of today, in one sentence with its numbers. */
import { pairedInterval } from '../measure/bootstrap.ts';
import { toMean } from '../measure/statistics.ts';
import type { Verdict } from '../measure/verdict.ts';
import type { Candidate } from './candidate.ts';
import type { SearchResult } from './search.ts';
import { toMsWords } from './setting-words.ts';

/** The judgement of a search. */
export interface TuneVerdict {
  readonly verdict: Verdict;
  readonly sentence: string;
}

/** A gain below this is not worth a change: failed calls of a thousand. */
const leastGain = 2;
/** Less than this share of what it is compared with is no difference, however sure it is. */
export const leastShare = 0.05;

/** Judges the best one against today's; `changes` says each of them in words. */
export function toTuneVerdict(
  { best, today, first }: Pick<SearchResult, 'best' | 'today' | 'first'>,
  changes: readonly string[],
): TuneVerdict {
  const [winner] = best;
  const tried = first.length;
  if (winner === undefined && today.disqualified === 'never recovers')
    return {
      verdict: 'inconclusive',
      sentence: `None of ${tried} settings recovers from this within the run, and neither do the current ones: settings alone do not help here. More time after the fault (--seconds), less load or more workers would.`,
    };
  if (winner === undefined || !isClearlyBetter(winner, today))
    return {
      verdict: 'inconclusive',
      sentence: `Nothing to change: of ${tried} settings none is clearly better than the current ones (${toNumbers(today)}).`,
    };
  return {
    verdict: 'better',
    sentence: `Change ${changes.join(', ')}: ${toNumbers(winner)}. Now: ${toNumbers(today)}.`,
  };
}

/** Whether a candidate is better than today's by more than chance, and by enough to be worth it. */
export function isClearlyBetter(candidate: Candidate, today: Candidate): boolean {
  if (candidate.disqualified !== null) return false;
  const gains = candidate.prices.map((price, index) => (today.prices[index] ?? price) - price);
  const gain = toMean(gains);
  const interval = pairedInterval(gains, { seed: 1 });
  const isClear = interval === null ? gain > 0 : interval.low > 0;
  return isClear && gain >= leastGain && gain >= leastShare * toMean(today.prices);
}

/** Failures and recovery of a candidate, as in `212 of 3,840 calls fail, and it is well again 2.1 s after the fault`. */
export function toNumbers({ trials }: Candidate): string {
  const mean = (of: (trial: Candidate['trials'][number]) => number) => toMean(trials.map(of));
  const show = (value: number) => Math.round(value).toLocaleString('en');
  const never = trials.filter(({ recoveredAfterMs }) => recoveredAfterMs === null).length;
  const back =
    never === 0
      ? `it is well again ${toMsWords(mean(({ recoveredAfterMs }) => recoveredAfterMs ?? 0))} after the fault`
      : never === trials.length
        ? 'it never recovers within the run'
        : `it never recovers in ${never} of ${trials.length} runs`;
  return `${show(mean(({ failed }) => failed))} of ${show(mean(({ calls }) => calls))} calls fail, and ${back}`;
}
