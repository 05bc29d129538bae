/** One run of `npm run tune`, from the plan to the verdict. */
import type { Progress } from '../measure/progress.ts';
import type { Verdict } from '../measure/verdict.ts';
import { toCostsSentence } from './costs.ts';
import {
  drawComparison,
  places,
  toCommand,
  toLosersText,
  toReasons,
  toSettingsText,
  toTitle,
} from './draw.ts';
import { toSeeds } from './effort.ts';
import { readPlan } from './plan.ts';
import { search } from './search.ts';
import type { TuneArguments } from './settings.ts';
import { toDifferences, toSpace } from './space.ts';
import { startTrialThreads } from './trial-threads.ts';
import { toTuneVerdict } from './verdict.ts';

/** Where a run writes, and how it was called. */
export interface TuneContext {
  readonly args: readonly string[];
  announce(text: string): void;
  complain(text: string): void;
  readonly progress: Progress;
}

/** Tunes, prints, and gives the verdict. */
export async function runTune(values: TuneArguments, context: TuneContext): Promise<Verdict> {
  const { announce, progress } = context;
  const plan = await readPlan(values);
  const { scenario, today } = plan;
  const space = toSpace(scenario.neighbour, today.deadlineMs);
  announce(toTitle(plan));

  const begin = performance.now();
  const threads = startTrialThreads(scenario);
  try {
    const found = await search({
      ...{ space, today, deadlineMs: today.deadlineMs, count: values.settings, seed: values.seed },
      ...{ seeds: toSeeds(scenario), runTrials: threads.runTrials, onRound: (text) => progress.say(text) },
    });
    progress.end();
    const took = ((performance.now() - begin) / 1000).toFixed(1);
    announce(
      `\n${found.first.length} settings in ${found.trials} trials took ${took} s on ${threads.count} thread${threads.count === 1 ? '' : 's'} (${processorSeconds()} s of processor time); each trial is the fault and two controls, without one and with an outage of 300 ms (seed ${values.seed}).\n`,
    );
    const [winner] = found.best;
    const changes = winner === undefined ? 0 : toDifferences(space, winner.policy, today).length;
    const { verdict, sentence } = toTuneVerdict(found, changes);
    announce(drawComparison(space, found));
    announce('');
    for (const [index, one] of found.best.entries())
      announce(`${places[index]}: against today it ${toCostsSentence(one, found.today)}.`);
    const reasons = toReasons(found);
    if (verdict === 'better' && reasons.length > 0) {
      announce('\nWhy these changes:');
      for (const [setting, why] of reasons) announce(`- ${setting.path}: ${why}`);
    }
    announce('');
    for (const line of toLosersText(space, found.first)) announce(line);
    announce(`\n${sentence}`);
    if (verdict === 'better' && winner !== undefined) announce(`\n${toSettingsText(winner.policy)}`);
    announce(`\nAgain: ${toCommand(context.args, values.seed)}`);
    return verdict;
  } finally {
    await threads.close();
  }
}

/** Processor time of this process until now: where a machine is busy with something else, less than it took. */
function processorSeconds(): string {
  const { user, system } = process.cpuUsage();
  return ((user + system) / 1_000_000).toFixed(1);
}
