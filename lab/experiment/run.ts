/**
 * Runs an experiment: every repeat has a seed of its own, which is the same for all arms; they run at the same moment where
 * each has a core, else one after the other, in an order that is shuffled for each repeat.
 *
 * `npm run experiment` runs it in its own process, and the lab in one that it starts.
 */
import { availableParallelism } from 'node:os';
import { measureCpuShare, toBusy } from '../measure/busy.ts';
import { toMachineLoad } from '../measure/machine-load.ts';
import { createRandom } from '../measure/random.ts';
import type { ExperimentProgress, ExperimentResult, ExperimentRun } from '../server/experiment.ts';
import { runOnTestbed, type TestbedArm } from '../testbed/run.ts';
import type { Plan } from './plan.ts';
import { toResult } from './result.ts';
import { runInModel } from './run-in-model.ts';

/** What may be given beside the experiment. */
export interface ExperimentOptions {
  /** Called once a second. */
  readonly onProgress?: (progress: ExperimentProgress) => void;
  /** Ends it and its processes; the promise rejects then. */
  readonly signal?: AbortSignal;
  /** Real processes, or virtual time. @default 'testbed' */
  readonly system?: ExperimentResult['system'];
  /** Whether all arms of a repeat run at the same moment. @default whether each has a core */
  readonly together?: boolean;
  /** Whether the control runs against itself: the plan is that of `toSelfTest`. */
  readonly isSelfTest?: boolean;
  /** Runs some arms at once. @default by `system` */
  readonly runArms?: typeof runOnTestbed;
  /** The share of a core that is free before a repeat. @default measured; all of it in the model */
  readonly measureCpu?: () => number;
}

/**
 * Runs it; its processes have ended when it resolves.
 * @throws {Error} when a process cannot be started, or when it was aborted.
 */
export async function runExperiment(
  plan: Plan,
  {
    onProgress,
    signal,
    system = 'testbed',
    together = availableParallelism() >= plan.arms.length,
    isSelfTest = false,
    runArms = system === 'testbed' ? runOnTestbed : runInModel,
    measureCpu = system === 'testbed' ? measureCpuShare : () => 1,
  }: ExperimentOptions = {},
): Promise<ExperimentResult> {
  const startedAt = Date.now();
  const began = performance.now();
  const load = toMachineLoad();
  const random = createRandom(plan.seed);
  const runs: ExperimentRun[] = [];
  const cpuShares: number[] = [];
  for (let repeat = 1; repeat <= plan.repeats; repeat += 1) {
    cpuShares.push(measureCpu());
    const seed = random.between(0, 2 ** 31);
    const arms = random
      .shuffle(plan.arms)
      .map((arm): TestbedArm => ({ ...arm, scenario: { ...arm.scenario, seed } }));
    for (const turn of together ? [arms] : arms.map((arm) => [arm])) {
      signal?.throwIfAborted();
      const at = { repeat, repeats: plan.repeats, arms: turn.map(({ name }) => name), seconds: plan.seconds };
      onProgress?.({ ...at, second: 0 });
      const done = await runArms(turn, {
        onProgress: (second) => onProgress?.({ ...at, second }),
        ...(signal === undefined ? {} : { signal }),
      });
      runs.push(...done.map(({ name, outcome, lateMs }) => ({ arm: name, repeat, seed, lateMs, outcome })));
    }
  }
  return toResult(plan, runs, {
    ...{ system, together, isSelfTest, startedAt, machine: { load, cores: availableParallelism() } },
    busy: toBusy({ lateMs: runs.map(({ lateMs }) => lateMs), cpuShares, load }),
    tookMs: Math.round(performance.now() - began),
  });
}
