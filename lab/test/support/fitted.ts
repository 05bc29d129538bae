/** Scenarios that are run in virtual time and found back from their recording. */
import type { PartialPolicy } from '@holdfast/shared/resilience/model/parse-policy.ts';
import type { Neighbour, Scenario, ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';
import { expect } from 'vitest';
import { fitScenario } from '../../traces/fit-scenario.ts';
import { recordSimulated } from './simulated-trace.ts';

/** A caller that only waits: what it records is what the neighbour did. */
export const patient: PartialPolicy = {
  ...{ deadlineMs: null, attempts: 1, breaker: null, budget: null, bulkhead: null, attemptTimeoutMs: 1000 },
};
/** A neighbour that is well. */
export const usual: Neighbour = {
  ...{ instances: 1, workers: 50, serviceMs: { p50: 60, p99: 200 }, queueMax: null, dropsAbandoned: false },
  ...{ errorRatio: 0.01, networkMs: 1 },
};

/** What a fault does, without its moment. */
export type Kind =
  | { type: 'down' }
  | { type: 'hang' }
  | { type: 'flaky'; ratio: number }
  | { type: 'slow'; factor: number }
  | { type: 'latency'; ms: number };

/** What is found in a minute of a scenario. */
export function fit({
  policy = {},
  ...given
}: {
  seed: number;
  ratePerSecond: number;
  faults: readonly ScenarioFault[];
  neighbour?: Partial<Neighbour>;
  policy?: PartialPolicy;
}): Scenario {
  const neighbour = { ...usual, ...given.neighbour };
  return fitScenario(recordSimulated({ ...patient, ...policy }, { seconds: 60, ...given, neighbour }))
    .scenario;
}

/** Expects the kind of a fault, its beginning to a second, its end to a second and a half, and its strength to a quarter. */
export function expectFound(
  kind: Kind,
  { fromMs, forMs, ...load }: { seed: number; ratePerSecond: number; fromMs: number; forMs: number },
): void {
  const { faults, neighbour } = fit({ ...load, faults: [{ ...kind, fromMs, forMs }] });
  expect(faults.map(({ type }) => type)).toEqual([kind.type]);
  const [found] = faults as [ScenarioFault];
  expect(Math.abs(found.fromMs - fromMs)).toBeLessThan(1000);
  expect(Math.abs(found.forMs - forMs)).toBeLessThan(1500);
  if (kind.type === 'slow' && found.type === 'slow') expectNear(found.factor, kind.factor, 0.25);
  if (kind.type === 'latency' && found.type === 'latency') expectNear(found.ms, kind.ms, 0.2);
  if (kind.type === 'flaky' && found.type === 'flaky') expectNear(found.ratio, kind.ratio, 0.25);
  expect(neighbour.errorRatio).toBeLessThan(0.025);
}

/** Expects a number within a share of the real one. */
export function expectNear(found: number, real: number, tolerance: number): void {
  expect(found / real).toBeGreaterThan(1 - tolerance);
  expect(found / real).toBeLessThan(1 + tolerance);
}
