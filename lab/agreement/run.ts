/** Runs cases in the model and on real processes, and compares what came of them. */
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { runOnTestbed, type TestbedOptions } from '../testbed/run.ts';
import type { AgreementCase } from './cases.ts';
import { type Comparison, compareOutcomes } from './compare.ts';

/** A case that was run. */
export interface Agreement {
  readonly name: string;
  readonly comparisons: readonly Comparison[];
  /** How late calls were sent: the 99th percentile. */
  readonly lateMs: number;
}

/** Runs all of these at once. */
export async function findAgreement(
  cases: readonly AgreementCase[],
  options: TestbedOptions = {},
): Promise<readonly Agreement[]> {
  const runs = await runOnTestbed(cases, options);
  return cases.flatMap(({ name, policy, scenario }, index) => {
    const run = runs[index];
    if (run === undefined) return [];
    const { outcome, lateMs } = run;
    return [{ name, comparisons: compareOutcomes(simulate(policy, scenario), outcome, lateMs), lateMs }];
  });
}
