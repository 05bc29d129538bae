/** How often the interval of paired differences cries wolf, and how often it misses. */
import { describe, expect, it } from 'vitest';
import { pairedInterval } from '../../../measure/bootstrap.ts';
import { createRandom } from '../../../measure/random.ts';

const random = createRandom(7);
const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** A count of things that come one by one, as many as `mean` on average. */
function count(mean: number): number {
  let left = random.next();
  let share = Math.exp(-mean);
  for (let many = 0; ; many += 1) {
    if (left < share || many > 20 * mean + 50) return many;
    left -= share;
    share *= mean / (many + 1);
  }
}

describe('of experiments with a thing against itself, at most one in ten is called a difference,', () => {
  const experiments = 1000;

  it.each<[string, () => number]>([
    ['measures without skew', normal],
    ['latencies with a long tail', () => Math.exp(1.5 * normal())],
    ['rare counts', () => count(0.3)],
    ['counts', () => count(8)],
    ['counts whose rate differs from run to run', () => count(5 * Math.exp(0.8 * normal()))],
    ['runs that collapse or do not', () => (random.chance(0.3) ? 1000 + 10 * normal() : 5 + normal())],
    ['runs that mostly have none', () => (random.chance(0.2) ? count(20) : 0)],
  ])('with %s', { timeout: 60_000 }, (_what, draw) => {
    for (const pairs of [3, 5, 10]) {
      let alarms = 0;
      for (let at = 0; at < experiments; at += 1) {
        const differences = Array.from({ length: pairs }, () => draw() - draw());
        const { low, high } = pairedInterval(differences, { seed: at }) ?? { low: 0, high: 0 };
        if (low > 0 || high < 0) alarms += 1;
      }
      expect(alarms / experiments, `${pairs} pairs`).toBeLessThanOrEqual(0.1);
    }
  });

  it('and of things that differ by three times their noise, five pairs find at least nine in ten', () => {
    let found = 0;
    for (let at = 0; at < 200; at += 1) {
      const differences = Array.from({ length: 5 }, () => 3 + normal() - normal());
      if ((pairedInterval(differences, { seed: at })?.low ?? 0) > 0) found += 1;
    }
    expect(found / 200).toBeGreaterThanOrEqual(0.9);
  });
});
