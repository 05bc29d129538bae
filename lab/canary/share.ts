/** The canary's share of the requests as weights for round robin. */

/** Weights of each stable and of each canary server. */
export interface Weights {
  readonly stable: number;
  readonly canary: number;
}

/** The largest weight that HAProxy takes. */
const largest = 256;

/**
 * Finds the smallest whole weights that give all canaries together `percent` of the requests.
 *
 * Exact up to HAProxy's largest weight, 256; beyond it rounded, and never to 0.
 */
export function toWeights(percent: number, servers: { stable: number; canary: number }): Weights {
  const stable = (100 - percent) * servers.canary;
  const canary = percent * servers.stable;
  const divisor = Math.max(greatestDivisor(stable, canary), stable / largest, canary / largest);
  const shorten = (weight: number) => (weight === 0 ? 0 : Math.max(1, Math.round(weight / divisor)));
  return { stable: shorten(stable), canary: shorten(canary) };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
