/** How often something would be called different from itself: asked of the values that a run has measured. */
import { fewestPairs, pairedInterval } from '../measure/bootstrap.ts';
import { createRandom } from '../measure/random.ts';

/** Made-up experiments for the estimate. */
const experiments = 500;
/** With more pairs than this not every way to swap them is tried. */
const mostWays = 1024;

/** Whether the interval of the differences leaves zero out, in either direction. */
export function isCalledDifferent(differences: readonly number[], seed: number): boolean {
  const interval = pairedInterval(differences, { seed });
  return interval !== null && (interval.low > 0 || interval.high < 0);
}

/**
 * The share of made-up experiments that find a difference: each has as many pairs as there are values, drawn at random from
 * these values of one and the same arm. `null` with too few.
 */
export function estimateFalseAlarms(values: readonly number[], seed: number): number | null {
  if (values.length < fewestPairs) return null;
  const random = createRandom(seed);
  const draw = () => values[random.between(0, values.length - 1)] ?? 0;
  let alarms = 0;
  for (let at = 0; at < experiments; at += 1)
    if (
      isCalledDifferent(
        values.map(() => draw() - draw()),
        at,
      )
    )
      alarms += 1;
  return alarms / experiments;
}

/** Of all ways to say which of each pair is which, the share that finds a difference; `null` with too few pairs. */
export function swapPairs(differences: readonly number[], seed: number): number | null {
  const { length } = differences;
  if (length < fewestPairs) return null;
  const random = createRandom(seed);
  const ways = Math.min(mostWays, 2 ** length);
  const isSwapped = (way: number, pair: number) =>
    ways === 2 ** length ? Math.floor(way / 2 ** pair) % 2 === 1 : random.chance(0.5);
  let alarms = 0;
  for (let way = 0; way < ways; way += 1) {
    const swapped = differences.map((difference, pair) => (isSwapped(way, pair) ? -difference : difference));
    if (isCalledDifferent(swapped, seed)) alarms += 1;
  }
  return alarms / ways;
}
