/** The service time of each attempt of each call, the same for the same seed whatever the policy does. */
import type { ServiceTime } from '@holdfast/shared/resilience/model/scenario.ts';
import { createRandom, type Random } from '../measure/random.ts';

/** The 99th percentile of the normal distribution, in standard deviations. */
const z99 = 2.3263;

/** Creates the draw from a distribution; calls and attempts are counted from 0. */
export function createServiceTimes(
  serviceMs: ServiceTime,
  seed: number,
): (call: number, attempt: number) => number {
  if (typeof serviceMs === 'number') return () => serviceMs;
  const randomOf = (call: number, attempt: number) => createRandom(seed + call * 16 + attempt);
  if ('samples' in serviceMs) {
    const { samples } = serviceMs;
    return (call, attempt) => samples[randomOf(call, attempt).between(0, samples.length - 1)] ?? 0;
  }
  const mean = Math.log(serviceMs.p50);
  const deviation = (Math.log(serviceMs.p99) - mean) / z99;
  return (call, attempt) => Math.exp(mean + deviation * toNormal(randomOf(call, attempt)));
}

/** Box and Muller. */
function toNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
