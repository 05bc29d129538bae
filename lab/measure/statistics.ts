/** Quantiles and medians. */

/**
 * Gives the value below or at which `share` of the samples lie (nearest rank); `NaN` without samples.
 *
 * The samples must be sorted. `share` is 0 to 1.
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** Gives the middle value, or the mean of the two in the middle; `NaN` without values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
