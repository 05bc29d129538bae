/** How long a worker is busy with a call, drawn from a distribution. */
import type { ServiceTime } from './scenario.ts';
import { drawUnit, purposes } from './seeded-random.ts';

/** The 99th percentile of the standard normal distribution. */
const normalP99 = 2.3263478740408408;

/** The service time of an attempt of a call, both counted from 0; the same for the same seed. */
export type DrawServiceMs = (call: number, attempt: number) => number;

/** Creates the draw from a distribution. */
export function createServiceTimes(serviceMs: ServiceTime, seed: number): DrawServiceMs {
  if (typeof serviceMs === 'number') return () => serviceMs;
  if ('samples' in serviceMs) {
    const { samples } = serviceMs;
    return (call, attempt) =>
      samples[Math.floor(drawUnit(seed, purposes.service, call, attempt) * samples.length)] ?? 0;
  }
  const sigma = Math.log(serviceMs.p99 / serviceMs.p50) / normalP99;
  return (call, attempt) => {
    // Box and Muller: two uniform numbers make a normal one.
    const radius = Math.sqrt(-2 * Math.log(1 - drawUnit(seed, purposes.service, call, attempt)));
    const angle = 2 * Math.PI * drawUnit(seed, purposes.angle, call, attempt);
    return serviceMs.p50 * Math.exp(sigma * radius * Math.cos(angle));
  };
}
