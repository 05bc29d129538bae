/** When the calls of a scenario are due. */
import type { Load, RateStep } from '@holdfast/shared/resilience/model/scenario.ts';
import type { Random } from '../measure/random.ts';

/** The moments in milliseconds from the beginning, sorted; by default the gaps are random (a Poisson process). */
export function toArrivals(load: Load, seconds: number, random: Random): number[] {
  const endMs = seconds * 1000;
  if ('atMs' in load) return load.atMs.filter((atMs) => atMs >= 0 && atMs < endMs).sort((a, b) => a - b);
  const steps: readonly RateStep[] =
    'steps' in load ? load.steps : [{ fromMs: 0, ratePerSecond: load.ratePerSecond }];
  const sorted = steps.toSorted((a, b) => a.fromMs - b.fromMs);
  const nextGap = load.arrivals === 'even' ? () => 1 : () => -Math.log(1 - random.next());
  return sorted.flatMap(({ fromMs, ratePerSecond }, index) => {
    const untilMs = Math.min(endMs, sorted[index + 1]?.fromMs ?? endMs);
    const moments: number[] = [];
    if (ratePerSecond <= 0) return moments;
    const gapMs = 1000 / ratePerSecond;
    for (
      let atMs = fromMs + (load.arrivals === 'even' ? 0 : nextGap() * gapMs);
      atMs < untilMs;
      atMs += nextGap() * gapMs
    )
      moments.push(atMs);
    return moments;
  });
}
