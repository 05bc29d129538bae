/** The settings and the defaults on real processes, beside what the simulation says of the same faults. */
import { toBusy } from '../measure/busy.ts';
import { drawTable } from '../measure/draw-table.ts';
import { runOnTestbed } from '../testbed/run.ts';
import { type Choice, toChoices } from './draw-advice.ts';
import type { ServiceNumbers } from './numbers.ts';
import type { Advice } from './rules.ts';
import { costHead, toCostCells } from './sweeps.ts';
import { runTrial, type TrialFault, toScenario, toTrialCost } from './trial.ts';

/** Faults that are tried on real processes, one after the other. */
const confirmedFaults: readonly TrialFault[] = ['down 10 s', 'slow ×3 8 s'];

const seed = 1;

/** Runs both choices at once, once for each fault; `onFault` is told before. Says so where this machine is too busy. */
export async function drawConfirmation(
  advice: Advice,
  truth: ServiceNumbers,
  onFault: (fault: TrialFault) => void,
): Promise<string> {
  const rows: string[][] = [];
  const lateMs: number[] = [];
  for (const fault of confirmedFaults) {
    onFault(fault);
    const scenario = toScenario(truth, fault, seed);
    const choices = toChoices(advice);
    const runs = await runOnTestbed(choices.map((choice) => ({ ...choice, scenario })));
    lateMs.push(...runs.map((run) => run.lateMs));
    rows.push(
      ...choices.flatMap(({ name, policy }: Choice, index) => {
        const run = runs[index];
        return [
          [fault, name, 'simulated', ...toCostCells(runTrial(policy, truth, fault, seed)), ''],
          ...(run === undefined
            ? []
            : [
                [
                  fault,
                  name,
                  'real',
                  ...toCostCells(toTrialCost(run.outcome)),
                  `${run.lateMs.toFixed(0)} ms`,
                ],
              ]),
        ];
      }),
    );
  }
  const table = drawTable(['fault', 'settings', 'by', ...costHead, 'sent late (p99)'], rows);
  const busy = toBusy({ lateMs });
  return busy === null ? table : `${table}\n\n${busy}`;
}
