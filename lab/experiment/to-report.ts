/** An experiment as a report to share (`--report FILE`). */
import { drawIntervals } from '../report/figures/draw-intervals.ts';
import type { Chart, Figure, Report } from '../report/report.ts';
import { toVersions } from '../report/versions.ts';
import type { ExperimentResult, ExperimentRun, MeasureResult } from '../server/experiment.ts';
import { toTable, toTrust } from './draw.ts';

/** The report; `command` makes it again. */
export function toReport(result: ExperimentResult, command: string): Report {
  const { title, judgement, startedAt, tookMs, repeats, seed, seconds, machine, system, together } = result;
  const { verdict, hypothesis, sentence } = judgement;
  const [head, rows] = toTable(result);
  return {
    title,
    at: startedAt + tookMs,
    verdict: { text: sentence, isGood: verdict === 'inconclusive' ? null : verdict === 'better' },
    ledger: [],
    settings: [
      { name: 'hypothesis', value: hypothesis },
      ...(result.shows === null ? [] : [{ name: 'shows', value: result.shows }]),
      { name: 'faults', value: result.faults.join(', ') || 'none' },
      { name: 'seconds', value: seconds },
      { name: 'repeats', value: repeats },
      { name: 'seed', value: seed },
      { name: 'system', value: system === 'testbed' ? 'real processes' : 'virtual time' },
      { name: 'arms', value: together ? 'at the same moment' : 'one after the other' },
      { name: 'load of the machine before', value: machine.load },
      { name: 'command', value: command },
    ],
    versions: toVersions(),
    tables: [{ title: 'Measures', note: toTrust(result).join(' '), head, rows }],
    charts: toCharts(result),
    figures: toFigures(result),
    events: [],
  };
}

/** The first repeat second by second. */
function toCharts({ runs, arms, sick, startedAt, seconds }: ExperimentResult): Chart[] {
  const first = arms.flatMap((arm) => runs.find((run) => run.arm === arm && run.repeat === 1) ?? []);
  const spans =
    sick === null
      ? []
      : [
          {
            ...{ from: startedAt + sick.fromMs, to: startedAt + sick.toMs },
            ...{ label: 'fault', tone: 'fault' as const },
          },
        ];
  const chart = (
    title: string,
    unit: string,
    of: (second: ExperimentRun['outcome']['perSecond'][number]) => number | null,
  ) => ({
    ...{ title, unit, spans },
    lines: first.map(({ arm, outcome }) => ({
      name: arm,
      // After the load only calls that were under way end: a fall to none would look like a collapse.
      points: outcome.perSecond
        .slice(0, seconds)
        .map((second, at) => [startedAt + at * 1000, of(second)] as const),
    })),
  });
  return [
    chart('Good calls', 'a second, by when they were due; first repeat', ({ good }) => good),
    chart('Failed calls', 'a second', ({ failed }) => failed),
    chart('Attempts', 'a second', ({ sent }) => sent),
    chart('In flight', 'calls, at the end of each second', ({ inFlight }) => inFlight),
  ];
}

/** A figure for each unit, since only what has the same one fits on one axis. */
function toFigures({ measures, judged, reference }: ExperimentResult): Figure[] {
  if (reference === null) return [];
  const units = { share: 'points', times: 'per call', ms: 'ms', count: '' } as const;
  return Object.entries(units).flatMap(([unit, words]) => {
    const rows = measures.filter((one) => one.unit === unit).flatMap((one) => toRow(one));
    const title = `${judged} minus ${reference}: mean and 95 % interval${words === '' ? '' : `, ${words}`}`;
    const note = 'An interval that holds 0 is no difference.';
    return rows.length === 0 ? [] : [{ title, svg: drawIntervals({ title, unit: words, rows }), note }];
  });
}

function toRow({ label, unit, difference }: MeasureResult) {
  if (difference === null) return [];
  const factor = unit === 'share' ? 100 : 1;
  const { mean, low, high } = difference;
  return [{ name: label, value: mean * factor, low: low * factor, high: high * factor }];
}
