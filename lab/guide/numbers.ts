/**
 * What the reader of docs/choosing-settings.md knows about a service: the numbers from which its settings follow.
 *
 * The options of the command check their ranges (settings.ts); here is what only holds between them.
 */

/** The numbers of one caller and its neighbour while both are well. */
export interface ServiceNumbers {
  /** Calls a second to the neighbour in a busy minute, of all replicas of the caller together. */
  readonly ratePerSecond: number;
  /** Of the neighbour's answers, in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How long whoever waits for the caller waits in all, in milliseconds. */
  readonly deadlineMs: number;
  /** Of the neighbour. */
  readonly instances: number;
  /** Calls that one instance works on at once; `null`: not known. */
  readonly workers: number | null;
  /** Replicas of the caller; each has breakers, a budget and a bulkhead of its own. */
  readonly callers: number;
  /** Share of answers that are failures on a good day. */
  readonly errorRatio: number;
}

/** How many calls are under way when those of a second take so long each (Little's law). */
export function toInFlight(ratePerSecond: number, ms: number): number {
  return (ratePerSecond * ms) / 1000;
}

/** The mean of a log-normal distribution with these quantiles. */
export function toMeanMs({ p50Ms, p99Ms }: Pick<ServiceNumbers, 'p50Ms' | 'p99Ms'>): number {
  const sigma = Math.log(p99Ms / p50Ms) / z99;
  return p50Ms * Math.exp(sigma ** 2 / 2);
}

/** Workers of one instance; where they are not known, as many as are busy half of the time. */
export function toWorkers(numbers: ServiceNumbers): number {
  const busy = toInFlight(numbers.ratePerSecond, toMeanMs(numbers)) / numbers.instances;
  return numbers.workers ?? Math.max(2, Math.ceil(busy * 2));
}

/** Standard deviations from the middle of a normal distribution to its 99th percentile. */
const z99 = 2.3263;
