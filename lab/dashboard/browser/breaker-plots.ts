/** Updates every chart of the page, and creates new ones. Called after each rendering of the page. */
import type { ShownBreaker } from '../model/chain.ts';
import { toMs } from '../model/format.ts';
import { toColumns } from '../model/series.ts';
import { toBreakerSegments, type View } from '../model/view.ts';
import { createPlot, type Plot, type PlotContent, type PlotSeries } from './plot.ts';

const lines: Readonly<Record<string, { unit: '' | 'ms'; hasTimes: boolean; series: readonly PlotSeries[] }>> =
  {
    // Painted back to front, each over the sum behind it: that is what stacks them.
    calls: {
      unit: '',
      hasTimes: false,
      series: [
        { stroke: '#9aa7b2', fill: '#7b8791', width: 1 },
        { stroke: '#ff6b4a', fill: '#ff6b4a', width: 1 },
        { stroke: '#56B4E9', fill: '#56B4E9', width: 1 },
      ],
    },
    latency: {
      unit: 'ms',
      hasTimes: true,
      series: [{ stroke: '#56B4E9' }, { stroke: '#e6edf3', dash: [5, 4] }],
    },
  };

const plots = new WeakMap<Element, Plot>();

/** Draws the charts of all breakers; elements carry `data-plot` and `data-breaker`. */
export function drawPlots(view: View): void {
  for (const element of document.querySelectorAll<HTMLElement>('[data-plot]')) {
    const breaker = view.breakers.find(({ key }) => key === element.dataset.breaker);
    const kind = element.dataset.plot ?? '';
    const line = lines[kind];
    if (breaker === undefined || line === undefined) continue;
    const plot = plots.get(element) ?? createPlot(element, { ...line, group: breaker.key });
    plots.set(element, plot);
    plot.draw(toContent(view, breaker, kind));
  }
}

function toContent(view: View, breaker: ShownBreaker, kind: string): PlotContent {
  const { seconds, samples } = toColumns(view.lab.series[breaker.key] ?? []);
  const { attemptTimeoutMs } = breaker.report.config;
  const base = { seconds, segments: toBreakerSegments(view, breaker), now: view.now };
  const describe = (index: number) => {
    const sample = samples[index];
    if (sample == null) return 'no data';
    const ago = `${Math.max(0, Math.round(view.now / 1_000 - sample.second))} s ago`;
    return kind === 'calls'
      ? `${ago}: ${sample.ok} ok, ${sample.failed} failed, ${sample.rejected} rejected`
      : `${ago}: p50 ${toMs(sample.p50Ms)}, p99 ${toMs(sample.p99Ms)}`;
  };
  if (kind === 'calls') {
    return {
      ...base,
      describe,
      columns: [
        samples.map((sample) => sample && sample.ok + sample.failed + sample.rejected),
        samples.map((sample) => sample && sample.ok + sample.failed),
        samples.map((sample) => sample?.ok ?? null),
      ],
    };
  }
  return {
    ...base,
    describe,
    columns: [samples.map((sample) => sample?.p50Ms ?? null), samples.map((sample) => sample?.p99Ms ?? null)],
    mark:
      attemptTimeoutMs === null
        ? undefined
        : { value: attemptTimeoutMs, label: `timeout ${attemptTimeoutMs} ms` },
  };
}
