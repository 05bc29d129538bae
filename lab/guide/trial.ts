/**
 * One service under one fault in virtual time, and what it costs: the measure by which the rules were chosen.
 *
 * The model has one caller. Of several replicas it is one: with its share of the calls and of the workers.
 */
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { Scenario, ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { type ServiceNumbers, toWorkers } from './numbers.ts';

/** What happens to the neighbour, from the tenth second on. */
export const trialFaults = {
  'down 10 s': [{ type: 'down', fromMs: 10_000, forMs: 10_000 }],
  'down 3 s': [{ type: 'down', fromMs: 10_000, forMs: 3000 }],
  'down 17 s': [{ type: 'down', fromMs: 10_000, forMs: 17_000 }],
  'slow ×3 8 s': [{ type: 'slow', factor: 3, fromMs: 10_000, forMs: 8000 }],
  'flaky 30 % 10 s': [{ type: 'flaky', ratio: 0.3, fromMs: 10_000, forMs: 10_000 }],
  'blip 300 ms': [{ type: 'down', fromMs: 10_000, forMs: 300 }],
  'hang 5 s': [{ type: 'hang', fromMs: 10_000, forMs: 5000 }],
  'one instance hangs 5 s': [{ type: 'hang', fromMs: 10_000, forMs: 5000, instance: 0 }],
  'one instance down 10 s': [{ type: 'down', fromMs: 10_000, forMs: 10_000, instance: 0 }],
} as const satisfies Readonly<Record<string, readonly ScenarioFault[]>>;

/** The name of a fault of {@link trialFaults}. */
export type TrialFault = keyof typeof trialFaults;

/** The faults in which a service is judged. */
export const faultNames = Object.keys(trialFaults) as TrialFault[];

/** How long calls come in a trial. */
const trialSeconds = 45;

/** What trials measured: shares in percent of all calls, means over the trials. */
export interface TrialCost {
  readonly failed: number;
  readonly wasted: number;
  readonly rejectedWhileWell: number;
  /** Seconds; a trial that never recovered counts as the whole rest. */
  readonly recoverySeconds: number;
  /** Trials that never recovered. */
  readonly never: number;
  /** What is compared: a failure of a user weighs as much as four wasted attempts. */
  readonly cost: number;
}

/** Wasted attempts that weigh as much as one failure of a user. */
const wastedPerFailure = 4;

/** The scenario of a service under a fault. */
export function toScenario(numbers: ServiceNumbers, fault: TrialFault | null, seed: number): Scenario {
  const { ratePerSecond, p50Ms, p99Ms, instances, callers, errorRatio } = numbers;
  return {
    seconds: trialSeconds,
    load: { ratePerSecond: ratePerSecond / callers },
    neighbour: {
      instances,
      workers: Math.max(1, Math.round(toWorkers(numbers) / callers)),
      serviceMs: { p50: p50Ms, p99: p99Ms },
      queueMax: null,
      dropsAbandoned: false,
      errorRatio,
      networkMs: 1,
    },
    faults: fault === null ? [] : trialFaults[fault],
    seed,
  };
}

/** Runs a policy in one scenario. */
export function runTrial(
  policy: Policy,
  numbers: ServiceNumbers,
  fault: TrialFault | null,
  seed: number,
): TrialCost {
  return toTrialCost(simulate(policy, toScenario(numbers, fault, seed)));
}

/** What a run cost. */
export function toTrialCost({ calls, ...outcome }: RunOutcome): TrialCost {
  const percent = (count: number) => (100 * count) / Math.max(1, calls);
  const [failed, wasted] = [percent(outcome.failed), percent(outcome.wasted)];
  return {
    failed,
    wasted,
    rejectedWhileWell: percent(outcome.rejectedWhileWell),
    recoverySeconds: (outcome.recoveredAfterMs ?? trialSeconds * 1000) / 1000,
    never: outcome.recoveredAfterMs === null ? 1 : 0,
    cost: failed + wasted / wastedPerFailure,
  };
}

/** The means of many trials; `never` is their sum. */
export function toMeanCost(trials: readonly TrialCost[]): TrialCost {
  const mean = (of: (trial: TrialCost) => number) =>
    trials.reduce((sum, trial) => sum + of(trial), 0) / Math.max(1, trials.length);
  return {
    failed: mean(({ failed }) => failed),
    wasted: mean(({ wasted }) => wasted),
    rejectedWhileWell: mean(({ rejectedWhileWell }) => rejectedWhileWell),
    recoverySeconds: mean(({ recoverySeconds }) => recoverySeconds),
    never: trials.reduce((sum, { never }) => sum + never, 0),
    cost: mean(({ cost }) => cost),
  };
}
