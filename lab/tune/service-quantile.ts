/** Quantiles and the mean of a service time. */
import type { ServiceTime } from '@holdfast/shared/resilience/model/scenario.ts';
import { quantile } from '../measure/statistics.ts';

/** The 99 % quantile of the standard normal distribution. */
const z99 = 2.326;

/** The value below which `share` of the service times lie; only the median and the 99 % quantile of a log-normal are asked for. */
export function toServiceQuantile(service: ServiceTime, share: 0.5 | 0.99): number {
  if (typeof service === 'number') return service;
  if ('samples' in service)
    return quantile(
      service.samples.toSorted((a, b) => a - b),
      share,
    );
  return share === 0.5 ? service.p50 : service.p99;
}

/** The mean service time: that of a log-normal is above its median. */
export function toMeanServiceMs(service: ServiceTime): number {
  if (typeof service === 'number') return service;
  if ('samples' in service)
    return service.samples.reduce((sum, ms) => sum + ms, 0) / Math.max(1, service.samples.length);
  const sigma = Math.log(service.p99 / service.p50) / z99;
  return service.p50 * Math.exp(sigma ** 2 / 2);
}
