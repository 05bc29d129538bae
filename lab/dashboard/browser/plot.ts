/**
 * A chart with uPlot, of which plot-painting.ts and plot-input.ts are parts: one canvas over the time that is shown, its
 * axes, and gaps where data is missing.
 *
 * An instance lives as long as its element; new data only updates it.
 */
import uPlot from 'uplot';
import type { ChartMarks } from '../model/chart-marks.ts';
import type { Change, Segment } from '../model/state-strip.ts';
import type { TimeRange } from '../model/time-range.ts';
import { listenToDrags, listenToPlotKeys, type ScrollTo } from './plot-input.ts';
import {
  drawChanges,
  drawLevel,
  drawMoments,
  drawSegments,
  drawWindows,
  type Level,
} from './plot-painting.ts';
import { colour, type ThemeColour } from './theme.ts';

/** One line or area. */
export interface PlotSeries {
  readonly stroke: ThemeColour;
  readonly fill?: ThemeColour;
  readonly dash?: number[];
  readonly width?: number;
}

/** What a chart draws. */
export interface PlotContent {
  /** Whole seconds since 1970, and one column per series; `null` is a gap. */
  readonly seconds: number[];
  readonly columns: (number | null)[][];
  readonly segments: readonly Segment[];
  readonly changes: readonly Change[];
  readonly marks: ChartMarks;
  readonly range: TimeRange;
  /** The values under the cursor, in words. */
  readonly describe: (index: number) => string;
  readonly mark?: Level | undefined;
}

/** One chart. */
export interface Plot {
  draw(content: PlotContent): void;
}

/** How a chart is made. */
export interface PlotOptions {
  readonly series: readonly PlotSeries[];
  /** All charts of a group share their cursor. */
  readonly group: string;
  readonly unit: '' | 'ms';
  readonly hasTimes: boolean;
  /** Where the values under the cursor are written. */
  readonly readout: Element | null;
  readonly scrollTo: ScrollTo;
}

/** As small as the small text of the page. */
const font = '12px system-ui, sans-serif';

/** Creates a chart in an element. */
export function createPlot(element: HTMLElement, options: PlotOptions): Plot {
  const { series, group, unit, hasTimes, readout } = options;
  let content: PlotContent = {
    seconds: [],
    columns: series.map(() => []),
    segments: [],
    changes: [],
    marks: { windows: [], marks: [] },
    range: { from: 0, to: 1, isLive: true },
    describe: () => '',
  };
  const read = (left: number, index: number | null) => {
    if (readout !== null) readout.textContent = left < 0 || index === null ? '' : content.describe(index);
  };
  const height = () => element.clientHeight || 90;
  const plot = new uPlot(
    {
      width: Math.max(50, element.clientWidth),
      height: height(),
      legend: { show: false },
      cursor: { sync: { key: group }, drag: { x: false, y: false }, y: false, points: { size: 5 } },
      padding: [6, 2, hasTimes ? 0 : 4, 0],
      scales: {
        x: { time: true, range: () => [content.range.from / 1_000, content.range.to / 1_000] },
        y: { range: (_plot, _min, max) => [0, toTop(max ?? 0, content.mark?.value)] },
      },
      axes: [
        {
          show: hasTimes,
          stroke: () => colour('muted'),
          font,
          size: 20,
          gap: 2,
          grid: { show: false },
          ticks: { show: false },
          splits: () => toTimes(content.range),
          values: (_plot, splits) => splits.map((at) => toTimeLabel(at, content.range)),
        },
        {
          stroke: () => colour('muted'),
          font,
          size: 44,
          gap: 4,
          grid: { stroke: () => colour('line'), width: 1 },
          ticks: { show: false },
          space: 28,
          values: (_plot, splits) => splits.map((value) => toLabel(value, unit)),
        },
      ],
      series: [
        {},
        ...series.map(({ stroke, fill, dash, width = 1.5 }) => ({
          stroke: () => colour(stroke),
          width,
          points: { show: false },
          spanGaps: false,
          ...(fill === undefined ? {} : { fill: () => colour(fill) }),
          ...(dash === undefined ? {} : { dash }),
        })),
      ],
      hooks: {
        drawClear: [
          (self) => {
            drawSegments(self, content.segments);
            drawWindows(self, content.marks.windows, { isNamed: !hasTimes });
          },
        ],
        draw: [
          (self) => {
            drawChanges(self, content.changes);
            drawMoments(self, content.marks.marks);
            drawLevel(self, content.mark);
          },
        ],
        setCursor: [({ cursor }) => read(cursor.left ?? -1, cursor.idx ?? null)],
      },
    },
    [[], ...series.map(() => [])],
    element,
  );
  // The legend is in words beside it, and the summary is text: the canvas has nothing to tell a screen reader.
  plot.root.setAttribute('aria-hidden', 'true');
  new ResizeObserver(() => {
    if (element.clientWidth > 0) plot.setSize({ width: element.clientWidth, height: height() });
  }).observe(element);
  listenToDrags(plot, () => content.range, options.scrollTo);
  listenToPlotKeys(element, plot, () => content, options);

  return {
    draw(next) {
      content = next;
      plot.setData([next.seconds, ...next.columns]);
    },
  };
}

/** The times of the axis in seconds: a few round ones, none at the edges, where it would be cut off. */
function toTimes({ from, to }: TimeRange): number[] {
  const span = (to - from) / 1_000;
  const each = span <= 90 ? 15 : span <= 400 ? 60 : 300;
  const times: number[] = [];
  for (let at = Math.ceil(from / 1_000 / each) * each; at < to / 1_000; at += each) {
    if (at - from / 1_000 > span * 0.05 && to / 1_000 - at > span * 0.05) times.push(at);
  }
  return times;
}

function toTimeLabel(second: number, { from, to }: TimeRange): string {
  const date = new Date(second * 1_000);
  const parts = [date.getHours(), date.getMinutes(), ...(to - from <= 90_000 ? [date.getSeconds()] : [])];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** `20`, `200 ms`, `1.5 s`. */
function toLabel(value: number, unit: '' | 'ms'): string {
  if (unit === '') return String(value);
  return value >= 1_000 ? `${value / 1_000} s` : `${value} ms`;
}

/** The top of the axis: above the data, and above the mark when that is not far away. */
function toTop(max: number, mark: number | undefined): number {
  const shown = mark !== undefined && mark <= max * 4 ? Math.max(max, mark) : max;
  return Math.max(1, shown * 1.15);
}
