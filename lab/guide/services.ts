/** The services on which the rules were measured: a seeded spread over rate, duration, tail, instances, load and deadline. */
import { policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { createRandom } from '../measure/random.ts';
import { type ServiceNumbers, toInFlight, toMeanMs } from './numbers.ts';
import { toScenario } from './trial.ts';

/** A service as it is, and as whoever runs it sees it: its p50 and p99 have the waits of a good day in them. */
export interface MeasuredService {
  readonly truth: ServiceNumbers;
  readonly numbers: ServiceNumbers;
}

/** The ends of the spread. */
export const spread = Object.freeze({
  ratePerSecond: [2, 500],
  p99Ms: [5, 2000],
  /** p99 by p50. */
  tail: [2, 6],
  instances: [1, 5],
  /** How much of the time a worker is busy. */
  busyRatio: [0.15, 0.85],
  /** Deadline by p99, and at least 300 ms. */
  deadlinePerP99: [2.5, 20],
} as const);

const deadlineLeastMs = 300;

/** Services of the spread; each quantity is spread evenly by itself (Latin hypercube). */
export function createServices(count: number, seed: number): MeasuredService[] {
  const random = createRandom(seed);
  const column = () =>
    random.shuffle(Array.from({ length: count }, (_, index) => (index + random.next()) / count));
  const [rates, durations, tails, sizes, loads, deadlines] = Array.from({ length: 6 }, column);
  return Array.from({ length: count }, (_, index) => {
    const ratePerSecond = Number(toLog(spread.ratePerSecond, rates?.[index]).toPrecision(2));
    const p99Ms = Math.round(toLog(spread.p99Ms, durations?.[index]));
    const p50Ms = Math.max(1, Math.round(p99Ms / toLog(spread.tail, tails?.[index])));
    const instances = 1 + Math.floor((sizes?.[index] ?? 0) * spread.instances[1]);
    const [least, most] = spread.busyRatio;
    const busyRatio = least + (most - least) * (loads?.[index] ?? 0);
    const busy = toInFlight(ratePerSecond, toMeanMs({ p50Ms, p99Ms })) / instances;
    const workers = Math.max(1, Math.ceil(busy / busyRatio));
    const shape = { ratePerSecond, instances, workers, callers: 1, errorRatio: 0 };
    const seen = observe({ ...shape, p50Ms, p99Ms, deadlineMs: 1 });
    const patience = toLog(spread.deadlinePerP99, deadlines?.[index]);
    const deadlineMs = Math.round(Math.max(deadlineLeastMs, seen.p99Ms * patience));
    return { truth: { ...shape, p50Ms, p99Ms, deadlineMs }, numbers: { ...shape, ...seen, deadlineMs } };
  });
}

/** What a good day shows of it. */
function observe(truth: ServiceNumbers): Pick<ServiceNumbers, 'p50Ms' | 'p99Ms'> {
  const free = { ...policyDefaults, deadlineMs: null, bulkhead: null, breaker: null, attempts: 1 };
  const { p50Ms, p99Ms } = simulate(
    { ...free, attemptTimeoutMs: 60_000 },
    { ...toScenario(truth, null, 99), seconds: Math.max(30, 600 / truth.ratePerSecond) },
  );
  return { p50Ms: Math.ceil(p50Ms ?? truth.p50Ms), p99Ms: Math.ceil(p99Ms ?? truth.p99Ms) };
}

function toLog([low, high]: readonly [number, number], share = 0): number {
  return low * (high / low) ** share;
}
