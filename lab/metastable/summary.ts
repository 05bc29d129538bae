/** What the demonstration says at the end: its verdict, and the whole as text and as a report. */
import { toBusy } from '../measure/busy.ts';
import { drawTable } from '../measure/draw-table.ts';
import { toMachineLoad } from '../measure/machine-load.ts';
import type { Verdict } from '../measure/verdict.ts';
import { toFaultText } from '../options/fault.ts';
import type { Fact, Report } from '../report/report.ts';
import { toVersions } from '../report/versions.ts';
import { drawFault, drawHysteresis, drawRegion, drawSeconds, toFateText } from './draw.ts';
import { toFigures, toTimelines } from './figures.ts';
import { type Fate, findContradiction, toSavingSentences } from './judge.ts';
import { type MetastableSettings, protections, protectionWords } from './plan.ts';
import type { ArmResult, MetastableResult } from './run.ts';

/** The verdict with its sentence. */
export interface MetastableVerdict {
  readonly verdict: Verdict;
  readonly text: string;
}

/** Judges the real processes, or the model where there were none. */
export function judgeMetastable({ arms, lateMs }: MetastableResult): MetastableVerdict {
  const [bare, remedied] = arms.map(({ modelFate, realFate }) => realFate ?? modelFate) as [Fate, Fate];
  const contradiction = findContradiction(bare, remedied);
  const busy = toBusy({ lateMs });
  const where = lateMs.length === 0 ? 'in the model' : 'on real processes';
  const seen =
    `without protection the caller has no good answer in ${bare.silentSeconds} s of unchanged load after the cause is gone; ` +
    `with two attempts, a budget and a breaker it is back ${toFateText(remedied)}.`;
  if (busy !== null)
    return { verdict: 'inconclusive', text: `${busy} What was seen ${where}: ${contradiction ?? seen}` };
  if (contradiction !== null) return { verdict: 'worse', text: contradiction };
  return { verdict: 'better', text: `Shown ${where}: ${seen}` };
}

/** The whole as text. */
export function toSummary(result: MetastableResult, { text }: MetastableVerdict): string {
  const { settings, arms, hysteresis, rates, regions } = result;
  const [first] = settings.faults;
  const seconds = arms[0]?.arm.scenario.seconds ?? 0;
  const line = (name: string, outcome: ArmResult['model'] | null) =>
    outcome === null ? [] : [`${name.padEnd(34)} ${drawSeconds(outcome, seconds, settings.ratePerSecond)}`];
  const lines = (some: readonly ArmResult[]) =>
    some.flatMap(({ arm, model, real }) => [...line(arm.name, real ?? model)]);
  return [
    'A FAILURE THAT STAYS AFTER ITS CAUSE IS GONE',
    toLoadSentence(settings),
    '',
    `Good answers of each second; · is none, × marks the fault${arms[0]?.real === null ? ' (model)' : ' (real processes)'}:`,
    `${' '.repeat(35)}${drawFault(first?.fromMs ?? 0, (first?.fromMs ?? 0) + (first?.forMs ?? 0))}`,
    ...lines(arms),
    '',
    'Back after the end of the fault:',
    drawTable(['caller', 'model', 'real processes', 'sent for a call', 'good'], toRows(result)),
    ...toSaving(arms),
    '',
    'The load rises above what the neighbour can do and falls again; good answers a second:',
    drawHysteresis(rates, hysteresis.real.length > 0 ? hysteresis.real : hysteresis.model),
    '',
    'Where it comes back by itself (model): · at once, o later, × not within ' +
      `${settings.afterSeconds} s; load against length of the fault.`,
    ...regions.flatMap((region) => ['', drawRegion(region)]),
    '',
    text,
  ].join('\n');
}

/** The whole as a report. */
export function toMetastableReport(result: MetastableResult, { verdict, text }: MetastableVerdict): Report {
  const { settings, lateMs } = result;
  const at = Date.now();
  const facts: Fact[] = [
    { name: 'command', value: toCommand(settings, lateMs.length === 0) },
    { name: 'seed', value: settings.seed },
    ...protections.map((one) => ({ name: one, value: protectionWords[one] })),
    { name: 'machine load', value: toMachineLoad() },
    ...(lateMs.length === 0
      ? []
      : [{ name: 'load sent late, at most (p99)', value: `${Math.round(Math.max(...lateMs))} ms` }]),
  ];
  return {
    title: 'A failure that stays after its cause is gone',
    at,
    verdict: { text, isGood: verdict === 'inconclusive' ? null : verdict === 'better' },
    ledger: [],
    settings: facts,
    versions: toVersions(),
    tables: [
      {
        title: 'What saves it',
        note: [toLoadSentence(settings), ...toSaving(result.arms)].join(' '),
        head: ['caller', 'back, model', 'back, real processes', 'sent for a call', 'good'],
        rows: toRows(result),
      },
    ],
    charts: toTimelines(result, at),
    figures: toFigures(result).slice(2),
    events: [],
  };
}

function toSaving(arms: readonly ArmResult[]): readonly string[] {
  return toSavingSentences(
    arms.map(({ arm, modelFate, realFate }) => ({ name: arm.name, fate: realFate ?? modelFate })),
  );
}

function toRows({ arms }: MetastableResult): string[][] {
  return arms.map(({ arm, model, modelFate, real, realFate }) => {
    const { good, calls, amplification } = real ?? model;
    const share = `${((100 * good) / Math.max(1, calls)).toFixed(0)} %`;
    const measured = realFate === null ? '–' : toFateText(realFate);
    return [arm.name, toFateText(modelFate), measured, amplification.toFixed(2), share];
  });
}

function toLoadSentence({ ratePerSecond, workers, serviceMs, faults }: MetastableSettings): string {
  const capacity = Math.round((workers * 1000) / serviceMs);
  return (
    `${ratePerSecond} calls a second to a neighbour of ${workers} workers × ${serviceMs} ms, which can do ${capacity}; ` +
    `${faults.map(toFaultText).join(', ')}. The load never changes.`
  );
}

function toCommand(
  { ratePerSecond, workers, serviceMs, faults, seed }: MetastableSettings,
  isQuick: boolean,
): string {
  const given = faults.map((fault) => `--fault ${toFaultText(fault)}`).join(' ');
  return `npm run metastable -- --rate ${ratePerSecond} --workers ${workers} --service ${serviceMs}ms ${given} --seed ${seed}${isQuick ? ' --quick' : ''}`;
}
