/**
 * The only importer of uPlot: one canvas with a time axis of a minute, the states of the breaker behind the lines, and
 * gaps where data is missing.
 *
 * An instance lives as long as its element; a tick only updates its data.
 */
import uPlot from 'uplot';
import { spanMs } from '../model/series.ts';
import { type Segment, toPainted } from '../model/state-strip.ts';
import { stateColours } from '../model/state-words.ts';

/** One line or area. */
export interface PlotSeries {
  readonly stroke: string;
  readonly fill?: string;
  readonly dash?: number[];
  readonly width?: number;
}

/** What a chart draws. */
export interface PlotContent {
  /** Whole seconds since 1970, and one column per series; `null` is a gap. */
  readonly seconds: number[];
  readonly columns: (number | null)[][];
  readonly segments: readonly Segment[];
  /** The right end of the axis, in milliseconds since 1970. */
  readonly now: number;
  /** The values under the cursor, in words. */
  readonly describe: (index: number) => string;
  /** A level that is drawn as a dotted line. */
  readonly mark?: { readonly value: number; readonly label: string } | undefined;
}

/** One chart. */
export interface Plot {
  draw(content: PlotContent): void;
}

const colours = { text: '#9aa7b2', grid: '#26323b', mark: '#F0C000' } as const;
const font = '11px system-ui, sans-serif';

/** Creates a chart in an element; all charts with the same `group` share their cursor. */
export function createPlot(
  element: HTMLElement,
  {
    series,
    group,
    unit,
    hasTimes,
  }: { series: readonly PlotSeries[]; group: string; unit: '' | 'ms'; hasTimes: boolean },
): Plot {
  let content: PlotContent = {
    seconds: [],
    columns: series.map(() => []),
    segments: [],
    now: 0,
    describe: () => '',
  };
  const readout = document.createElement('div');
  readout.className = 'readout';
  const read = (left: number, index: number | null) => {
    readout.textContent = left < 0 || index === null ? '' : content.describe(index);
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
        x: { time: true, range: () => [(content.now - spanMs) / 1_000, content.now / 1_000] },
        y: { range: (_plot, _min, max) => [0, toTop(max ?? 0, content.mark?.value)] },
      },
      axes: [
        {
          show: hasTimes,
          stroke: colours.text,
          font,
          size: 20,
          gap: 2,
          grid: { show: false },
          ticks: { show: false },
          splits: () => [-60, -45, -30, -15, 0].map((second) => content.now / 1_000 + second),
          values: () => ['', '−45 s', '−30 s', '−15 s', ''],
        },
        {
          stroke: colours.text,
          font,
          size: 44,
          gap: 4,
          grid: { stroke: colours.grid, width: 1 },
          ticks: { show: false },
          space: 28,
          values: (_plot, splits) => splits.map((value) => toLabel(value, unit)),
        },
      ],
      series: [
        {},
        ...series.map(({ stroke, fill, dash, width = 1.5 }) => ({
          stroke,
          width,
          points: { show: false },
          spanGaps: false,
          ...(fill === undefined ? {} : { fill }),
          ...(dash === undefined ? {} : { dash }),
        })),
      ],
      hooks: {
        drawClear: [(self) => drawSegments(self, content.segments)],
        draw: [(self) => drawMark(self, content.mark)],
        setCursor: [({ cursor }) => read(cursor.left ?? -1, cursor.idx ?? null)],
      },
    },
    [[], ...series.map(() => [])],
    element,
  );
  plot.over.append(readout);
  // The legend is in words beside it, and the summary is text: the canvas has nothing to tell a screen reader.
  plot.root.setAttribute('aria-hidden', 'true');
  new ResizeObserver(() => {
    if (element.clientWidth > 0) plot.setSize({ width: element.clientWidth, height: height() });
  }).observe(element);

  return {
    draw(next) {
      content = next;
      plot.setData([next.seconds, ...next.columns]);
    },
  };
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

function drawSegments(self: uPlot, segments: readonly Segment[]): void {
  const { ctx, bbox } = self;
  const valToPos = (at: number) => self.valToPos(at / 1_000, 'x', true);
  ctx.save();
  for (const { from, to, state } of toPainted(segments)) {
    if (state === 'closed') continue;
    const left = Math.max(bbox.left, valToPos(from));
    const wide = Math.min(bbox.left + bbox.width, valToPos(to)) - left;
    if (wide <= 0) continue;
    const width = state === 'half_open' ? Math.max(2 * uPlot.pxRatio, wide) : wide;
    ctx.globalAlpha = state === 'half_open' ? 0.45 : 0.22;
    ctx.fillStyle = stateColours[state];
    ctx.fillRect(left, bbox.top, width, bbox.height);
  }
  ctx.restore();
}

function drawMark(self: uPlot, mark: PlotContent['mark']): void {
  if (mark === undefined) return;
  const { ctx, bbox } = self;
  const isAbove = mark.value > (self.scales.y?.max ?? 0);
  const y = isAbove ? bbox.top : self.valToPos(mark.value, 'y', true);
  ctx.save();
  ctx.strokeStyle = colours.mark;
  ctx.fillStyle = colours.mark;
  ctx.setLineDash([2 * uPlot.pxRatio, 4 * uPlot.pxRatio]);
  ctx.lineWidth = uPlot.pxRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  if (!isAbove) ctx.stroke();
  ctx.font = `${11 * uPlot.pxRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'top';
  ctx.fillText(isAbove ? `${mark.label} ↑` : mark.label, bbox.left + bbox.width - 4, y + 3 * uPlot.pxRatio);
  ctx.restore();
}
