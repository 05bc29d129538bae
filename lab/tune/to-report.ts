/** The result as a report to share: verdict, map, timelines with states and fault, intervals, tables, seed and versions. */
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import type { ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';
import { pairedInterval } from '../measure/bootstrap.ts';
import { toMachineLoad } from '../measure/machine-load.ts';
import type { Verdict } from '../measure/verdict.ts';
import { toFaultText } from '../options/fault.ts';
import { drawHeatMap, type HeatMap } from '../report/figures/draw-heat-map.ts';
import { drawIntervals, type IntervalRow } from '../report/figures/draw-intervals.ts';
import type { Chart, Figure, Report, Span } from '../report/report.ts';
import { toVersions } from '../report/versions.ts';
import { toEnvironmentLines } from './as-settings.ts';
import type { Confirmation } from './confirm.ts';
import { places, toComparison, toLosersText, toReasons } from './draw.ts';
import { confirmationHead, toConfirmationRows, toFalseAlarmText } from './draw-confirmation.ts';
import type { TuneResult } from './result.ts';
import type { SearchResult } from './search.ts';
import type { SearchedSetting } from './space.ts';

/** All that a report shows. */
export interface TuneReportInput {
  readonly result: TuneResult;
  readonly found: SearchResult;
  readonly space: readonly SearchedSetting[];
  readonly map: HeatMap;
  readonly verdict: Verdict;
  readonly sentence: string;
  readonly title: string;
  readonly confirmation: Confirmation | null;
}

/** Makes the report. */
export function toReport(input: TuneReportInput): Report {
  const { result, found, space, map, verdict, sentence, title, confirmation } = input;
  const { head, rows } = toComparison(space, found);
  return {
    title: `Which settings? ${result.scenario.faults.map(toFaultText).join(', ')}`,
    at: result.at,
    verdict: { text: sentence, isGood: verdict === 'better' ? true : verdict === 'worse' ? false : null },
    ledger: [],
    settings: [
      ...toSettings(result),
      ...(result.best[0] === undefined
        ? []
        : toEnvironmentLines(result.best[0].policy).map((line) => {
            const [name = '', value = ''] = line.split('=');
            return { name: `${name} (1st)`, value };
          })),
    ],
    versions: [...toVersions(), { name: 'load of the machine', value: toMachineLoad() }],
    tables: [
      { title: 'The best beside the current settings', head, rows, note: title.replaceAll('\n', ' ') },
      ...(found.best.length === 0
        ? []
        : [
            {
              title: 'What it gains and costs against the current settings',
              head: ['', 'it'],
              rows: result.best.map(({ costs }, index) => [places[index] ?? '', costs]),
              note: toLosersText(space, found.first).join(' '),
            },
          ]),
      ...(found.kept.length === 0
        ? []
        : [
            {
              title: 'Why these changes',
              head: ['setting', 'otherwise'],
              rows: toReasons(found).map(([{ path }, why]) => [path, why]),
            },
          ]),
      ...(confirmation === null || confirmation.arms.length === 0
        ? []
        : [
            {
              title: 'Predicted → measured on real processes',
              ...{
                head: confirmationHead,
                rows: toConfirmationRows(confirmation),
                note: toFalseAlarmText(confirmation),
              },
            },
          ]),
    ],
    charts: toCharts(result, confirmation),
    figures: toFigures(found, map, confirmation),
    events: [],
  };
}

function toSettings({ seed, command, source }: TuneResult) {
  return [
    { name: 'command', value: command },
    { name: 'seed', value: seed },
    {
      name: 'replay',
      value: source === 'trace' ? 'closed loop, fitted to a trace' : 'closed loop, as described',
    },
  ];
}

function toFigures(found: SearchResult, map: HeatMap, confirmation: Confirmation | null): Figure[] {
  const simulated = found.best.flatMap(({ prices }, index): IntervalRow[] => {
    const by = prices.map((price, nth) => price - (found.today.prices[nth] ?? price));
    const interval = pairedInterval(by, { seed: 1 });
    return interval === null
      ? []
      : [
          {
            name: `${places[index]}, simulated`,
            value: interval.mean,
            low: interval.low,
            high: interval.high,
          },
        ];
  });
  const measured = (confirmation?.arms ?? []).flatMap(({ name, against }): IntervalRow[] => {
    const interval = against?.interval ?? null;
    return interval === null
      ? []
      : [{ name: `${name}, measured`, value: interval.mean, low: interval.low, high: interval.high }];
  });
  return [
    {
      title: 'Failed calls in % by two settings, all others as now',
      svg: drawHeatMap(map),
      note: 'Ringed: the current settings. Crossed out: never recovers within the run. Simulated.',
    },
    ...(simulated.length === 0
      ? []
      : [
          {
            title: 'Price against the current settings: less is better',
            svg: drawIntervals({
              title: 'Price against the current settings',
              unit: 'points of a thousand calls',
              rows: [...simulated, ...measured],
            }),
            note: 'A point is one failed call of a thousand; other costs count as parts of one (docs/tune.md). 95 % intervals of paired runs.',
          },
        ]),
  ];
}

function toCharts({ at, scenario, current, best }: TuneResult, confirmation: Confirmation | null): Chart[] {
  const { seconds } = scenario;
  const faults = toFaultSpans(at, scenario.faults);
  const [first] = best;
  return [
    toChart('Current settings, simulated', { at, seconds, outcome: current.outcome, faults }),
    ...(first === undefined
      ? []
      : [toChart('1st, simulated', { at, seconds, outcome: first.outcome, faults })]),
    ...(confirmation?.arms ?? []).slice(0, 2).flatMap(({ name, measured: [run] }) =>
      run === undefined
        ? []
        : [
            toChart(`${name}, real processes, first round`, {
              ...{ at, seconds, outcome: run },
              faults: toFaultSpans(at, confirmation?.faults ?? []),
            }),
          ],
    ),
  ];
}

interface ChartInput {
  readonly at: number;
  readonly seconds: number;
  readonly outcome: RunOutcome;
  readonly faults: readonly Span[];
}

function toChart(title: string, { at, seconds, outcome, faults }: ChartInput): Chart {
  const { transitions } = outcome;
  // After the load only calls that were under way end: a fall to none would look like a collapse.
  const perSecond = outcome.perSecond.slice(0, seconds);
  const line = (name: string, of: (second: RunOutcome['perSecond'][number]) => number | null) => ({
    name,
    points: perSecond.map((second, index) => [at + index * 1000, of(second)] as const),
  });
  const end = at + perSecond.length * 1000;
  const own = transitions.filter(({ instance }) => instance === 0);
  const states = own.flatMap(({ to, atMs }, index): Span[] => {
    if (to === 'closed') return [];
    const tone = to === 'open' ? 'open' : 'half-open';
    return [
      {
        from: at + atMs,
        to: Math.min(end, at + (own[index + 1]?.atMs ?? end)),
        label: `breaker ${tone}`,
        tone,
      },
    ];
  });
  return {
    ...{ title, unit: 'calls a second' },
    lines: [
      line('good', ({ good }) => good),
      line('failed', ({ failed }) => failed),
      line('attempts', ({ sent }) => sent),
    ],
    spans: [...faults, ...states],
  };
}

function toFaultSpans(at: number, faults: readonly ScenarioFault[]): Span[] {
  return faults.map((fault) => ({
    ...{ from: at + fault.fromMs, to: at + fault.fromMs + fault.forMs, tone: 'fault' as const },
    label: toFaultText(fault),
  }));
}
