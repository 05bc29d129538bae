/** Means, quantiles, medians and slopes. */

/**
 * Gives the value below or at which `share` of the samples lie (nearest rank); `NaN` without samples.
 *
 * The samples must be sorted. `share` is 0 to 1.
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** Gives the mean; 0 without values. */
export function toMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Gives the middle value, or the mean of the two in the middle; `NaN` without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/**
 * Gives the slope of values that were measured at equal intervals, for one interval: the median of the slopes between
 * all pairs (Theil and Sen), so that a few outliers do not decide it. `NaN` with fewer than two.
 */
export function slope(values: readonly number[]): number {
  return median(
    values.flatMap((from, start) =>
      values.slice(start + 1).map((to, distance) => (to - from) / (distance + 1)),
    ),
  );
}
