/** How many seeds a search can afford: more calls in a trial mean fewer of them, never fewer settings. */
import type { Load, Scenario } from '@holdfast/shared/resilience/model/scenario.ts';

/** Calls that may be simulated beside the first round; some ten seconds on two cores. */
const mostCalls = 7_000_000;
/** Trials for each seed of the second and of the last round: 32 policies; six that are simplified; four at the end. */
const [ofSome, ofMany] = [32 + 6 * 20, 4];

/** Seeds of the second and of the last round; the same for the same scenario on every machine. */
export function toSeeds(scenario: Scenario): { readonly some: number; readonly many: number } {
  const calls = Math.max(1, countCalls(scenario));
  const many = Math.min(32, Math.max(6, Math.floor(mostCalls / 3 / calls / ofMany)));
  const some = Math.min(8, Math.max(3, Math.floor(mostCalls / 2 / calls / ofSome)));
  return { some, many };
}

/** Calls of a run, about. */
export function countCalls({ load, seconds }: Pick<Scenario, 'load' | 'seconds'>): number {
  return toMeanRate(load, seconds) * seconds;
}

/** Calls a second on average. */
export function toMeanRate(load: Load, seconds: number): number {
  if ('ratePerSecond' in load) return load.ratePerSecond;
  if ('atMs' in load) return load.atMs.length / Math.max(1, seconds);
  return Math.max(...load.steps.map(({ ratePerSecond }) => ratePerSecond));
}
