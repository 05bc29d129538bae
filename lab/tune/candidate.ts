/** A policy with its trials, and the judgement over all of them. */
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import { toMean } from '../measure/statistics.ts';
import { type Disqualified, toDisqualified } from './disqualify.ts';
import { toPrice } from './price.ts';
import type { Measures } from './trial.ts';

/** One policy, judged. */
export interface Candidate {
  readonly policy: Policy;
  /** One for each seed. */
  readonly trials: readonly Measures[];
  /** The price of each trial. */
  readonly prices: readonly number[];
  /** The mean price of this policy and of those beside it: a plateau is better than a peak. */
  readonly plateau: number;
  readonly disqualified: Disqualified | null;
}

/** What must never be recommended costs so much more, in failed calls of a thousand. */
export const neverRecovers = 500;

/** Judges a policy by its trials, those of policies beside it, and those of today with the same seeds. */
export function toCandidate(
  policy: Policy,
  {
    trials,
    beside,
    today,
    deadlineMs,
  }: {
    readonly trials: readonly Measures[];
    readonly beside: readonly Measures[];
    readonly today: readonly Measures[];
    readonly deadlineMs: number | null;
  },
): Candidate {
  const toPrices = (of: readonly Measures[]) =>
    of.map(
      (one, nth) =>
        toPrice(one, today[nth % today.length] ?? one, deadlineMs) +
        (one.recoveredAfterMs === null ? neverRecovers : 0),
    );
  const prices = toPrices(trials);
  const around = beside.length === 0 ? prices : toPrices(beside);
  return {
    ...{ policy, trials, prices },
    plateau: (toMean(prices) + toMean(around)) / 2,
    disqualified: toDisqualified(trials, today),
  };
}

/** Whoever may win comes first, then whoever costs less. */
export function byRank(a: Candidate, b: Candidate): number {
  return Number(a.disqualified !== null) - Number(b.disqualified !== null) || a.plateau - b.plateau;
}

/**
 * What is less when it is better, one number for each kind of cost: the columns of the Pareto front. The price of the plateau
 * is one of them, otherwise a peak would beat all that is safer and a little less good.
 */
export function toCosts({ trials, plateau }: Candidate, longestMs: number): number[] {
  const mean = (of: (one: Measures) => number) => toMean(trials.map(of));
  return [
    mean(({ failed, calls }) => failed / Math.max(1, calls)),
    mean(({ wasted, calls }) => wasted / Math.max(1, calls)),
    mean(({ rejectedWhileWell, calls }) => rejectedWhileWell / Math.max(1, calls)),
    mean(({ sent, calls }) => sent / Math.max(1, calls)),
    mean(({ p50Ms }) => p50Ms ?? longestMs),
    mean(({ p99Ms }) => p99Ms ?? longestMs),
    mean(({ recoveredAfterMs }) => recoveredAfterMs ?? Number.POSITIVE_INFINITY),
    mean(({ calm, blip }) => calm.failed + blip.failed + calm.rejectedWhileWell + blip.rejectedWhileWell),
    plateau,
  ];
}
