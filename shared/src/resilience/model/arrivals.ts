/** When calls come: the moments of a load, the same for the same seed. */
import type { Load, RateStep } from './scenario.ts';
import { drawUnit, purposes } from './seeded-random.ts';

/** The moments in which calls are due within the run, ascending, in milliseconds. */
export function toArrivals(load: Load, seconds: number, seed: number): Float64Array {
  const endMs = seconds * 1000;
  if ('atMs' in load) return Float64Array.from(load.atMs.filter((atMs) => atMs < endMs)).sort();
  const steps = 'steps' in load ? load.steps : [{ fromMs: 0, ratePerSecond: load.ratePerSecond }];
  const isEven = load.arrivals === 'even';
  const moments: number[] = [];
  // Calls that are expected until a moment; the rates turn expected calls into milliseconds.
  let expected = isEven ? 0 : toGap(seed, 0);
  let before = 0;
  for (const { fromMs, untilMs, ratePerSecond } of toSpans(steps, endMs)) {
    const expectedInSpan = ((untilMs - fromMs) * ratePerSecond) / 1000;
    while (expected < before + expectedInSpan) {
      moments.push(fromMs + ((expected - before) * 1000) / ratePerSecond);
      expected += isEven ? 1 : toGap(seed, moments.length);
    }
    before += expectedInSpan;
  }
  return Float64Array.from(moments);
}

/** Gaps between calls that know nothing of each other. */
function toGap(seed: number, index: number): number {
  return -Math.log(1 - drawUnit(seed, purposes.arrival, index));
}

function toSpans(steps: readonly RateStep[], endMs: number) {
  const sorted = steps.toSorted((a, b) => a.fromMs - b.fromMs);
  return sorted
    .map((step, index) => ({ ...step, untilMs: Math.min(endMs, sorted[index + 1]?.fromMs ?? endMs) }))
    .filter(({ fromMs, untilMs }) => fromMs < untilMs);
}
