/** One run of `npm run tune`, from the plan to the verdict. */

import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import type { Progress } from '../measure/progress.ts';
import type { Verdict } from '../measure/verdict.ts';
import { writeReport } from '../report/report-file.ts';
import { applyWinner, toAsk } from './apply.ts';
import type { Candidate } from './candidate.ts';
import { type Confirmation, confirm } from './confirm.ts';
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
import { drawConfirmation } from './draw-confirmation.ts';
import { toSeeds } from './effort.ts';
import { toHeatAxes, toHeatGrid } from './heat-grid.ts';
import { keepResult } from './keep-result.ts';
import { readPlan, type TunePlan } from './plan.ts';
import type { TunedPolicy, TuneResult } from './result.ts';
import { type SearchResult, search } from './search.ts';
import { toValueWords } from './setting-words.ts';
import type { TuneArguments } from './settings.ts';
import { type SearchedSetting, toDifferences, toSpace } from './space.ts';
import { toReport } from './to-report.ts';
import { startTrialThreads, type TrialThreads } from './trial-threads.ts';
import { type TuneVerdict, toTuneVerdict } from './verdict.ts';

/** Where a run writes, and how it was called. */
export interface TuneContext {
  readonly args: readonly string[];
  announce(text: string): void;
  readonly progress: Progress;
}

/** Tunes, prints, and gives the verdict. */
export async function runTune(
  values: TuneArguments,
  { args, announce, progress }: TuneContext,
): Promise<Verdict> {
  const ask = values.apply ? toAsk(values.yes) : null;
  const plan = await readPlan(values);
  const { scenario, today, running } = plan;
  const space = toSpace(scenario.neighbour, today.deadlineMs);
  const command = toCommand(args, values.seed);
  announce(toTitle(plan));

  const threads = startTrialThreads(scenario);
  try {
    const found = await searchSettings(plan, space, values, { threads, announce, progress });
    const [winner] = found.best;
    const simulated = toTuneVerdict(
      found,
      winner === undefined ? [] : toChanges(space, today, winner.policy),
    );
    announceFound(found, space, simulated, announce);

    const confirmation = values.confirm ? await confirmFound(plan, found, values.seed, progress) : null;
    if (confirmation !== null && confirmation.arms.length > 0)
      announce(`\n${drawConfirmation(confirmation)}`);
    const { verdict, sentence } = toWhole(simulated, confirmation);
    if (verdict === 'better' && winner !== undefined) announce(`\n${toSettingsText(winner.policy)}`);

    const result = toResult(plan, found, { sentence, seed: values.seed, command });
    const kept = keepResult(result, running !== null);
    if (kept !== null) announce(`\nKept for the lab: ${kept}`);
    if (values.report !== undefined) {
      progress.say('the map of two settings');
      const map = await toHeatGrid(toHeatAxes(space, found.kept), today, threads.runTrials);
      const input = { result, found, space, map, verdict, sentence, title: toTitle(plan), confirmation };
      writeReport(values.report, toReport(input));
      progress.end();
      announce(`\nReport: ${values.report}`);
    }
    announce(`\nAgain: ${command}`);
    // Last, where the eye is when it ends.
    announce(`\n${sentence}`);
    if (ask !== null && running !== null) announce(`\n${(await apply()).join('\n')}`);
    return verdict;

    async function apply(): Promise<readonly string[]> {
      if (verdict !== 'better' || winner === undefined || running === null || ask === null)
        return ['Nothing was set: there is nothing clearly better.'];
      return applyWinner(running, winner.policy, { space, ask });
    }
  } finally {
    await threads.close();
  }
}

async function searchSettings(
  { scenario, today }: TunePlan,
  space: readonly SearchedSetting[],
  { settings: count, seed }: TuneArguments,
  { threads, announce, progress }: Omit<TuneContext, 'args'> & { readonly threads: TrialThreads },
): Promise<SearchResult> {
  const begin = performance.now();
  const found = await search({
    ...{ space, today, deadlineMs: today.deadlineMs, count, seed, seeds: toSeeds(scenario) },
    ...{ runTrials: threads.runTrials, onRound: progress.say },
  });
  progress.end();
  const took = ((performance.now() - begin) / 1000).toFixed(1);
  const many = `${threads.count} thread${threads.count === 1 ? '' : 's'}`;
  announce(
    `\n${found.first.length} settings in ${found.trials} trials took ${took} s on ${many} (${toProcessorSeconds()} s of processor time). ` +
      `Each trial is the fault and two controls, without one and with an outage of 300 ms (seed ${seed}).\n`,
  );
  return found;
}

function announceFound(
  found: SearchResult,
  space: readonly SearchedSetting[],
  { verdict }: TuneVerdict,
  announce: (text: string) => void,
): void {
  announce(drawComparison(space, found));
  announce(
    'Price: failed calls of a thousand; other costs count as parts of one. With neighbours: together with the settings beside it.',
  );
  if (found.best.length > 0) announce('');
  for (const [index, one] of found.best.entries())
    announce(`${places[index]}: against the current settings it ${toCostsSentence(one, found.today)}.`);
  if (verdict === 'better') {
    announce('\nWhy these changes:');
    for (const [setting, why] of toReasons(found)) announce(`- ${setting.path}: ${why}`);
  }
  announce('');
  for (const line of toLosersText(space, found.first)) announce(line);
}

function confirmFound(
  { scenario, today }: TunePlan,
  { best }: SearchResult,
  seed: number,
  progress: Progress,
): Promise<Confirmation> {
  const policies = best.map(({ policy }) => policy);
  const done = confirm({ scenario, today, best: policies, seed, onRound: (text) => progress.say(text) });
  return done.finally(() => progress.end());
}

/** What changes, as in `attemptTimeoutMs 1.5 s → 3 s`. */
function toChanges(space: readonly SearchedSetting[], from: Policy, to: Policy): string[] {
  return toDifferences(space, to, from).map((setting) => {
    const [now, then] = [from, to].map((policy) => toValueWords(setting, setting.get(policy)));
    return `${setting.path} ${now} → ${then}`;
  });
}

/** Real processes have the last word. Where the search found nothing clearly better they cannot make it so. */
function toWhole(simulated: TuneVerdict, confirmation: Confirmation | null): TuneVerdict {
  if (confirmation === null) return simulated;
  const sentence = `${simulated.sentence} ${confirmation.sentence}`;
  return { sentence, verdict: simulated.verdict === 'better' ? confirmation.verdict : simulated.verdict };
}

function toResult(
  { hop, source, scenario, today }: TunePlan,
  found: SearchResult,
  rest: Pick<TuneResult, 'sentence' | 'seed' | 'command'>,
): TuneResult {
  const toTuned = ({ policy }: Candidate, costs: string): TunedPolicy => ({
    ...{ policy, costs, outcome: simulate(policy, scenario) },
  });
  return {
    ...{ hop, source, scenario, ...rest, at: Date.now() },
    current: toTuned({ ...found.today, policy: today }, ''),
    best: found.best.map((one) => toTuned(one, toCostsSentence(one, found.today))),
    why: Object.fromEntries(toReasons(found).map(([{ path }, why]) => [path, why])),
  };
}

/** Processor time of this process until now: where a machine is busy with something else, less than it took. */
function toProcessorSeconds(): string {
  const { user, system } = process.cpuUsage();
  return ((user + system) / 1_000_000).toFixed(1);
}
