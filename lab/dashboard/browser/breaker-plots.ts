/** Updates every chart of the page, and creates new ones. Called after a rendering of the page that has new data. */
import type { ShownBreaker } from '../model/chain.ts';
import { toMarks, toMarkWords } from '../model/chart-marks.ts';
import { toChanges } from '../model/entries.ts';
import { toClock, toMs, toRate } from '../model/format.ts';
import { type Point, type Points, toPoints } from '../model/series.ts';
import { toBreakerSegments, type View } from '../model/view.ts';
import { createPlot, type Plot, type PlotContent, type PlotSeries } from './plot.ts';

const lines: Readonly<Record<string, { unit: '' | 'ms'; hasTimes: boolean; series: readonly PlotSeries[] }>> =
  {
    // Painted back to front, each over the sum behind it: that is what stacks them.
    calls: {
      unit: '',
      hasTimes: false,
      series: [
        { stroke: 'bypassed', fill: 'rejected', width: 1 },
        { stroke: 'open', fill: 'open', width: 1 },
        { stroke: 'closed', fill: 'closed', width: 1 },
        { stroke: 'text', dash: [2, 3], width: 1 },
      ],
    },
    latency: {
      unit: 'ms',
      hasTimes: true,
      series: [{ stroke: 'closed' }, { stroke: 'text', dash: [5, 4] }],
    },
  };

const plots = new WeakMap<Element, Plot>();

/** Draws the charts of all breakers; elements carry `data-plot` and `data-breaker`. */
export function drawPlots(view: View, scrollTo: (until: number | null) => void): void {
  for (const element of document.querySelectorAll<HTMLElement>('[data-plot]')) {
    const breaker = view.breakers.find(({ key }) => key === element.dataset.breaker);
    const kind = element.dataset.plot ?? '';
    const line = lines[kind];
    if (breaker === undefined || line === undefined) continue;
    const readout = element.parentElement?.querySelector('.readout') ?? null;
    const plot =
      plots.get(element) ?? createPlot(element, { ...line, group: breaker.key, readout, scrollTo });
    plots.set(element, plot);
    plot.draw(toContent(view, breaker, kind));
  }
}

function toContent(view: View, breaker: ShownBreaker, kind: string): PlotContent {
  const { lab, range } = view;
  const made = toPoints(lab.samples, breaker.key, range);
  const { seconds, points } = made;
  const { attemptTimeoutMs } = breaker.report.config;
  const base = {
    seconds,
    segments: toBreakerSegments(view, breaker),
    changes: toChanges(lab.entries, breaker.key),
    marks: toMarks(lab.entries),
    range,
    describe: (index: number) => describe(view, made, index, kind === 'calls' ? toCalls : toLatencies),
  };
  const column = (of: (point: Point) => number | null) => points.map((point) => point && of(point));
  if (kind === 'calls') {
    return {
      ...base,
      columns: [
        column(({ ok, failed, rejected }) => ok + failed + rejected),
        column(({ ok, failed }) => ok + failed),
        column(({ ok }) => ok),
        column(({ relay }) => (relay === 0 ? null : relay)),
      ],
    };
  }
  return {
    ...base,
    columns: [column(({ p50Ms }) => p50Ms), column(({ p99Ms }) => p99Ms)],
    mark:
      attemptTimeoutMs === null
        ? undefined
        : { value: attemptTimeoutMs, label: `timeout ${attemptTimeoutMs} ms` },
  };
}

/** `12:04:31: 20 ok, 0 failed, 2 rejected · shipment: error`. */
function describe(
  { lab }: View,
  { seconds, points, each }: Points,
  index: number,
  toWords: (point: Point, each: number) => string,
): string {
  const second = seconds[index] ?? 0;
  const point = points[index];
  const time = `${toClock(second * 1_000)}${each > 1 ? `, ${each} s` : ''}`;
  const words = point ? toWords(point, each) : 'no data';
  const marked = toMarkWords(toMarks(lab.entries), { from: second * 1_000, to: (second + each) * 1_000 });
  return [`${time}: ${words}`, marked].filter(Boolean).join(' · ');
}

function toCalls({ ok, failed, rejected, relay }: Point, each: number): string {
  const rate = (value: number) => (each === 1 ? `${value}` : `${toRate(value)}/s`);
  const ofRelay = relay === 0 ? '' : `, ${rate(relay)} of them by the relay`;
  return `${rate(ok)} ok, ${rate(failed)} failed, ${rate(rejected)} rejected${ofRelay}`;
}

function toLatencies({ p50Ms, p99Ms }: Point): string {
  return `p50 ${toMs(p50Ms)}, p99 ${toMs(p99Ms)}`;
}
