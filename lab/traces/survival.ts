/**
 * How long calls take, when of some only a lower bound is known (Kaplan and Meier).
 *
 * A call that timed out would have taken longer than it was waited for. Leaving it out would make the neighbour look
 * fast, and taking the time-out as its duration would make it look as if it always answered just then.
 */

/** A duration; censored: the whole one would have been longer. */
export interface Observed {
  readonly ms: number;
  readonly isCensored: boolean;
}

/** A distribution of durations. */
export interface Survival {
  /** So many samples that stand for the distribution, ascending. */
  samples(count: number): number[];
  /** The share that took longer than any that was seen to its end; 0 to 1. */
  readonly unseenRatio: number;
}

/** Estimates the distribution; without an uncensored duration every sample is the longest lower bound. */
export function estimateSurvival(observed: readonly Observed[]): Survival {
  const sorted = observed.toSorted((a, b) => a.ms - b.ms || Number(a.isCensored) - Number(b.isCensored));
  /** Durations, and the share that took longer. */
  const steps: { readonly ms: number; readonly longerRatio: number }[] = [];
  let longerRatio = 1;
  for (const [index, { ms, isCensored }] of sorted.entries()) {
    if (isCensored) continue;
    const atRisk = sorted.length - index;
    longerRatio *= 1 - 1 / atRisk;
    steps.push({ ms, longerRatio });
  }
  const longest = sorted.at(-1)?.ms ?? 0;
  const unseenRatio = steps.at(-1)?.longerRatio ?? 1;
  const seenMs = steps.at(-1)?.ms ?? longest;
  const medianMs = steps.find((step) => step.longerRatio <= 0.5)?.ms;
  return {
    unseenRatio,
    samples(count) {
      let index = 0;
      return Array.from({ length: count }, (_, number) => {
        const share = (number + 0.5) / count;
        while ((steps[index]?.longerRatio ?? 0) > 1 - share && index < steps.length) index += 1;
        return steps[index]?.ms ?? extrapolate(share);
      });
    },
  };

  /** Beyond what was seen, as a log-normal distribution goes on through the median and the last step. */
  function extrapolate(share: number): number {
    const last = toNormalQuantile(1 - unseenRatio);
    if (medianMs === undefined || medianMs <= 0 || last <= 0 || seenMs <= medianMs) return longest;
    const sigma = Math.log(seenMs / medianMs) / last;
    return Math.max(longest, medianMs * Math.exp(sigma * toNormalQuantile(share)));
  }
}

/** The quantile of the standard normal distribution above its middle, to 0.0005 (Abramowitz and Stegun 26.2.23). */
function toNormalQuantile(share: number): number {
  if (share <= 0.5) return 0;
  const t = Math.sqrt(-2 * Math.log(1 - share));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  return t - above / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}
