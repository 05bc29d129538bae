/**
 * What a trial cost, in one number: failed calls of a thousand. What is no failure, but no good either, counts as a part of one.
 *
 * The weights are in docs/decisions/0032-tune.md. They only order what has recovered and does no harm.
 */
import type { Control, Measures } from './trial.ts';

/** What one of each counts. */
export const weights = {
  /** An attempt for nothing burdens the neighbour, and the caller that waits for it. */
  wasted: 0.1,
  /** Beside the failure that it is. */
  rejectedWhileWell: 0.5,
  /** Failures of the two controls; of the short outage half, since some of them nobody can prevent. */
  calm: 1,
  blip: 0.5,
  /** The whole deadline, for the median and for the 99 % quantile; in failed calls of a thousand. */
  latency: 20,
  /** One second until the goodput is back, in failed calls of a thousand. */
  secondOfRecovery: 1,
} as const;

/** A deadline for latencies where there is none. */
const usualDeadlineMs = 4000;

/**
 * The price of one trial beside that of today with the same seed. A control costs only what is worse than today: it shall
 * find harm, and nobody shall win by it.
 */
export function toPrice(measures: Measures, today: Measures, deadlineMs: number | null): number {
  return (
    toRunPrice(measures, deadlineMs) +
    weights.calm * toHarm(measures.calm, today.calm) +
    weights.blip * toHarm(measures.blip, today.blip)
  );
}

/** The price of the run with the fault alone; the same for a simulation and for real processes. */
export function toRunPrice(
  run: Pick<
    Measures,
    'calls' | 'failed' | 'wasted' | 'rejectedWhileWell' | 'p50Ms' | 'p99Ms' | 'recoveredAfterMs'
  >,
  deadlineMs: number | null,
): number {
  const { calls, failed, wasted, rejectedWhileWell, p50Ms, p99Ms, recoveredAfterMs } = run;
  const perThousand = 1000 / Math.max(1, calls);
  const longestMs = deadlineMs ?? usualDeadlineMs;
  return (
    perThousand * (failed + weights.wasted * wasted + weights.rejectedWhileWell * rejectedWhileWell) +
    weights.latency * (((p50Ms ?? longestMs) + (p99Ms ?? longestMs)) / longestMs) +
    weights.secondOfRecovery * ((recoveredAfterMs ?? 0) / 1000)
  );
}

function toHarm(own: Control, today: Control): number {
  return Math.max(0, toControlPrice(own) - toControlPrice(today));
}

function toControlPrice({ calls, failed, rejectedWhileWell }: Control): number {
  return (1000 * (failed + weights.rejectedWhileWell * rejectedWhileWell)) / Math.max(1, calls);
}
