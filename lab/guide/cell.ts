/** One cell of a table: policies, each against a service, in some faults. */
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { ServiceNumbers } from './numbers.ts';
import { runTrial, type TrialCost, type TrialFault, toMeanCost, trialFaults } from './trial.ts';

/** What is measured; plain data, so that a worker can take it. */
export interface Cell {
  readonly arms: readonly { readonly policy: Policy; readonly truth: ServiceNumbers }[];
  /** `null`: nothing happens. */
  readonly faults: readonly (TrialFault | null)[];
}

/** What a cell measured. */
export interface CellResult {
  readonly all: TrialCost;
  /** In the sequence of the faults. */
  readonly byFault: readonly TrialCost[];
  /** The mean cost of each arm. */
  readonly costs: readonly number[];
}

const seed = 1;

/** Measures a cell. */
export function measureCell({ arms, faults }: Cell): CellResult {
  const trials = arms.flatMap(({ policy, truth }, arm) =>
    faults
      .filter((fault) => fits(fault, truth))
      .map((fault) => ({ arm, fault, cost: runTrial(policy, truth, fault, seed) })),
  );
  const mean = (chosen: (typeof trials)[number][]) => toMeanCost(chosen.map(({ cost }) => cost));
  return {
    all: mean(trials),
    byFault: faults.map((fault) => mean(trials.filter((trial) => trial.fault === fault))),
    costs: arms.map((_, arm) => mean(trials.filter((trial) => trial.arm === arm)).cost),
  };
}

/** One instance of one is all. */
function fits(fault: TrialFault | null, { instances }: ServiceNumbers): boolean {
  return fault === null || instances > 1 || !trialFaults[fault].some((one) => 'instance' in one);
}
