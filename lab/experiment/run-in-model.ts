/** Runs the arms of an experiment in virtual time: in moments, to see whether a file asks what it means to ask. */
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import type { TestbedArm, TestbedRun } from '../testbed/run.ts';

/**
 * Runs them.
 * @throws {Error} when an arm has a fallback, which the model does not know.
 */
export function runInModel(arms: readonly TestbedArm[]): Promise<readonly TestbedRun[]> {
  const withFallback = arms.find(({ fallback }) => fallback);
  if (withFallback !== undefined)
    throw new Error(
      `The arm ${withFallback.name} has a fallback, which the model does not know: run it without --model, on real processes.`,
    );
  return Promise.resolve(
    arms.map(({ name, policy, scenario }) => ({ name, outcome: simulate(policy, scenario), lateMs: 0 })),
  );
}
