/**
 * Scenarios in which the model and real processes must agree: each way to fail, one and several instances, and loads that
 * are too high. They are short, so that all of them run in two minutes.
 */
import { breakerDefaults } from '@holdfast/shared/resilience/breaker-settings.ts';
import { type Policy, policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import type { Neighbour, Scenario } from '@holdfast/shared/resilience/model/scenario.ts';

/** A policy and a scenario with the name under which they are compared. */
export interface AgreementCase {
  readonly name: string;
  readonly policy: Policy;
  readonly scenario: Scenario;
}

/** Short periods, so that a run of a few seconds has all that happens in minutes. */
const policy: Policy = {
  ...policyDefaults,
  attemptTimeoutMs: 500,
  deadlineMs: 1500,
  breaker: { ...breakerDefaults, windowMs: 3000, openMs: 1500, probeTimeoutMs: 1000 },
};
const withoutBreaker: Policy = { ...policy, breaker: null };
const neighbour: Neighbour = {
  ...{ instances: 1, workers: 8, serviceMs: { p50: 40, p99: 160 }, queueMax: null },
  ...{ dropsAbandoned: false, errorRatio: 0, networkMs: 4 },
};
const scenario: Scenario = { seconds: 16, load: { ratePerSecond: 60 }, neighbour, faults: [], seed: 1 };

/** All cases. */
export const agreementCases: readonly AgreementCase[] = [
  { name: 'well', policy, scenario },
  {
    name: 'slow ×3',
    policy,
    scenario: { ...scenario, faults: [{ type: 'slow', factor: 3, fromMs: 4000, forMs: 5000 }] },
  },
  {
    name: 'storm of retries',
    policy: { ...withoutBreaker, deadlineMs: null, attempts: 4, budget: null },
    scenario: {
      ...scenario,
      load: { ratePerSecond: 80 },
      neighbour: { ...neighbour, workers: 10, serviceMs: 100 },
      faults: [{ type: 'slow', factor: 3, fromMs: 4000, forMs: 4000 }],
    },
  },
  {
    name: 'down',
    policy,
    scenario: { ...scenario, faults: [{ type: 'down', fromMs: 4000, forMs: 4000 }] },
  },
  {
    name: 'hang',
    policy,
    scenario: { ...scenario, faults: [{ type: 'hang', fromMs: 4000, forMs: 3000 }] },
  },
  {
    name: 'flaky 30 %',
    policy: { ...withoutBreaker, attempts: 3 },
    scenario: { ...scenario, faults: [{ type: 'flaky', ratio: 0.3, fromMs: 4000, forMs: 6000 }] },
  },
  {
    name: 'blip of 300 ms',
    policy,
    scenario: { ...scenario, faults: [{ type: 'down', fromMs: 4000, forMs: 300 }] },
  },
  {
    name: 'one of three slow ×20',
    policy,
    scenario: {
      ...scenario,
      neighbour: { ...neighbour, instances: 3 },
      load: { ratePerSecond: 100 },
      faults: [{ type: 'slow', factor: 20, fromMs: 4000, forMs: 6000, instance: 0 }],
    },
  },
  {
    name: 'overload',
    policy: withoutBreaker,
    scenario: {
      ...scenario,
      neighbour: { ...neighbour, workers: 4, queueMax: 20 },
      load: {
        steps: [
          { fromMs: 0, ratePerSecond: 40 },
          { fromMs: 4000, ratePerSecond: 140 },
          { fromMs: 10_000, ratePerSecond: 40 },
        ],
      },
    },
  },
];
