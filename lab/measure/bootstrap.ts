/**
 * The interval in which the true mean of paired differences probably lies, by the bootstrap: pairs are drawn again and
 * again with replacement, and the middle 95 % of the means are taken.
 *
 * With five pairs that alone is too narrow: of two things that are the same it calls every sixth different. So it is stretched
 * to the width that Student's distribution asks for; the test counts the false alarms.
 */
import { createRandom } from './random.ts';
import { quantile, toMean } from './statistics.ts';

/** A mean, and the 95 % interval around it. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
}

/** With fewer pairs there is no interval, since two of them are alike by chance too often. */
export const fewestPairs = 3;

const draws = 2000;
const normal = 1.96;
/** Of Student's distribution with so many degrees of freedom; with more the expansion below is exact enough. */
const student: Readonly<Record<number, number>> = { 2: 4.303, 3: 3.182, 4: 2.776 };

/** The interval of the differences of pairs, the same for the same seed; `null` with fewer than `fewestPairs`. */
export function pairedInterval(
  differences: readonly number[],
  { seed }: { readonly seed: number },
): Interval | null {
  const pairs = differences.length;
  if (pairs < fewestPairs) return null;
  const random = createRandom(seed);
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    let sum = 0;
    for (let pair = 0; pair < pairs; pair += 1) sum += differences[Math.floor(random.next() * pairs)] ?? 0;
    means[draw] = sum / pairs;
  }
  means.sort();
  const mean = toMean(differences);
  const stretch = (toStudent(pairs - 1) / normal) * Math.sqrt(pairs / (pairs - 1));
  return {
    ...{ mean, pairs },
    low: mean - (mean - quantile(means, 0.025)) * stretch,
    high: mean + (quantile(means, 0.975) - mean) * stretch,
  };
}

/** The 97.5 % quantile of Student's distribution (expansion of Cornish and Fisher). */
function toStudent(freedom: number): number {
  const z = normal;
  return (
    student[freedom] ??
    z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2)
  );
}
