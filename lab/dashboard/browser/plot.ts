/**
 * The only importer of uPlot: one canvas over the time that is shown, the states of the breaker and the times of faults
 * behind the lines, ticks for what happened, and gaps where data is missing.
 *
 * An instance lives as long as its element; new data only updates it. Dragging and keys scroll all charts.
 */
import uPlot from 'uplot';
import type { ChartMarks } from '../model/chart-marks.ts';
import { type Change, type Segment, toPainted } from '../model/state-strip.ts';
import { stateColours } from '../model/state-words.ts';
import type { TimeRange } from '../model/time-range.ts';
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
  /** A level that is drawn as a dotted line. */
  readonly mark?: { readonly value: number; readonly label: string } | undefined;
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
  /** Shows another time; `null` is the present. */
  readonly scrollTo: (until: number | null) => void;
}

/** As small as the small text of the page. */
const font = '12px system-ui, sans-serif';
/** The height of the band of a fault. */
const bandHeight = 5;

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

/** Dragging to the right shows what was before. */
function listenToDrags(plot: uPlot, range: () => TimeRange, scrollTo: PlotOptions['scrollTo']): void {
  const { over } = plot;
  let begun: { readonly x: number; readonly range: TimeRange } | undefined;
  over.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    begun = { x: event.clientX, range: range() };
    over.setPointerCapture(event.pointerId);
  });
  over.addEventListener('pointermove', (event) => {
    if (begun === undefined || Math.abs(event.clientX - begun.x) < 3) return;
    const { from, to } = begun.range;
    scrollTo(to - ((event.clientX - begun.x) / over.clientWidth) * (to - from));
  });
  for (const end of ['pointerup', 'pointercancel'] as const) {
    over.addEventListener(end, () => {
      begun = undefined;
    });
  }
}

/** Arrows read the values one by one, page keys scroll, Home and End go to the oldest data and to the present. */
function listenToPlotKeys(
  element: HTMLElement,
  plot: uPlot,
  content: () => PlotContent,
  { readout, scrollTo }: PlotOptions,
): void {
  let index: number | undefined;
  element.addEventListener('focus', () => readout?.setAttribute('aria-live', 'polite'));
  element.addEventListener('blur', () => {
    readout?.removeAttribute('aria-live');
    index = undefined;
    plot.setCursor({ left: -10, top: -10 });
  });
  element.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { seconds, range } = content();
    const span = range.to - range.from;
    const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };
    const step = steps[event.key];
    if (step !== undefined) {
      const last = seconds.length - 1;
      index = Math.min(last, Math.max(0, (index ?? last + 1) + step));
      const at = seconds[index];
      if (at !== undefined) plot.setCursor({ left: plot.valToPos(at, 'x'), top: 0 });
    } else if (event.key === 'PageUp') scrollTo(range.to - span / 2);
    else if (event.key === 'PageDown') scrollTo(range.to + span / 2);
    else if (event.key === 'Home') scrollTo(0);
    else if (event.key === 'End') scrollTo(null);
    else return;
    event.preventDefault();
  });
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

/** Paints a time; `undefined` when it is not in the chart. */
function toBox(
  self: uPlot,
  { from, to }: { readonly from: number; readonly to: number },
): { left: number; width: number } | undefined {
  const { bbox } = self;
  const left = Math.max(bbox.left, self.valToPos(from / 1_000, 'x', true));
  const width = Math.min(bbox.left + bbox.width, self.valToPos(to / 1_000, 'x', true)) - left;
  return width <= 0 ? undefined : { left, width };
}

function drawSegments(self: uPlot, segments: readonly Segment[]): void {
  const { ctx, bbox } = self;
  ctx.save();
  for (const segment of toPainted(segments)) {
    const { state } = segment;
    const box = toBox(self, segment);
    if (state === 'closed' || box === undefined) continue;
    const width = state === 'half_open' ? Math.max(2 * uPlot.pxRatio, box.width) : box.width;
    ctx.globalAlpha = state === 'half_open' ? 0.45 : 0.22;
    ctx.fillStyle = colour(stateColours[state]);
    ctx.fillRect(box.left, bbox.top, width, bbox.height);
  }
  ctx.restore();
}

/** A fault is a hatched band at the top, with its name in one of the charts, where there is room. */
function drawWindows(self: uPlot, windows: ChartMarks['windows'], { isNamed }: { isNamed: boolean }): void {
  const { ctx, bbox } = self;
  const height = bandHeight * uPlot.pxRatio;
  ctx.save();
  ctx.font = `${12 * uPlot.pxRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  for (const window of windows) {
    const box = toBox(self, window);
    if (box === undefined) continue;
    ctx.globalAlpha = 0.12;
    ctx.fillStyle = colour('half-open');
    ctx.fillRect(box.left, bbox.top, box.width, bbox.height);
    ctx.globalAlpha = 0.9;
    for (let x = box.left; x < box.left + box.width; x += 2 * height) {
      ctx.fillRect(x, bbox.top, Math.min(height, box.left + box.width - x), height);
    }
    ctx.fillStyle = colour('text');
    if (isNamed && ctx.measureText(window.label).width < box.width - 8 * uPlot.pxRatio) {
      const place = [box.left + 4 * uPlot.pxRatio, bbox.top + height + 2 * uPlot.pxRatio] as const;
      ctx.lineWidth = 4 * uPlot.pxRatio;
      ctx.lineJoin = 'round';
      ctx.strokeStyle = colour('panel');
      ctx.strokeText(window.label, ...place);
      ctx.fillText(window.label, ...place);
    }
  }
  ctx.restore();
}

/** A transition is a tick at the bottom in the colour of the new state. */
function drawChanges(self: uPlot, changes: readonly Change[]): void {
  const { ctx, bbox } = self;
  ctx.save();
  const drawn = new Map<string, number>();
  for (const { at, to } of changes) {
    const box = toBox(self, { from: at, to: at + 1 });
    if (box === undefined || box.left - (drawn.get(to) ?? 0) < 2 * uPlot.pxRatio) continue;
    drawn.set(to, box.left);
    ctx.fillStyle = colour(stateColours[to]);
    const height = 9 * uPlot.pxRatio;
    ctx.fillRect(box.left, bbox.top + bbox.height - height, 2 * uPlot.pxRatio, height);
  }
  ctx.restore();
}

/** A death is a dashed line with a cross, a return a dotted one; what was switched is a short tick at the top. */
function drawMoments(self: uPlot, marks: ChartMarks['marks']): void {
  const { ctx, bbox } = self;
  const px = uPlot.pxRatio;
  ctx.save();
  ctx.lineWidth = 1.5 * px;
  const drawn = {
    bad: Number.NEGATIVE_INFINITY,
    good: Number.NEGATIVE_INFINITY,
    info: Number.NEGATIVE_INFINITY,
  };
  for (const { at, level } of marks) {
    const box = toBox(self, { from: at, to: at + 1 });
    if (box === undefined) continue;
    const { left } = box;
    // Hundreds that lie on one another cost as much as if they could be seen.
    if (left - drawn[level] < 3 * px) continue;
    drawn[level] = left;
    ctx.strokeStyle = colour(level === 'bad' ? 'open' : level === 'good' ? 'closed' : 'muted');
    ctx.setLineDash(level === 'bad' ? [5 * px, 3 * px] : [1 * px, 3 * px]);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + (level === 'info' ? 12 * px : bbox.height));
    ctx.stroke();
    if (level !== 'bad') continue;
    ctx.setLineDash([]);
    ctx.beginPath();
    for (const side of [-1, 1]) {
      ctx.moveTo(left - 4 * px, bbox.top + 5 * px - side * 4 * px);
      ctx.lineTo(left + 4 * px, bbox.top + 5 * px + side * 4 * px);
    }
    ctx.stroke();
  }
  ctx.restore();
}

function drawLevel(self: uPlot, mark: PlotContent['mark']): void {
  if (mark === undefined) return;
  const { ctx, bbox } = self;
  const isAbove = mark.value > (self.scales.y?.max ?? 0);
  const y = isAbove ? bbox.top : self.valToPos(mark.value, 'y', true);
  ctx.save();
  ctx.strokeStyle = colour('half-open');
  ctx.fillStyle = colour('half-open');
  ctx.setLineDash([2 * uPlot.pxRatio, 4 * uPlot.pxRatio]);
  ctx.lineWidth = uPlot.pxRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  if (!isAbove) ctx.stroke();
  ctx.font = `${12 * uPlot.pxRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'top';
  // Below the band of a fault, and with an edge in the colour of the ground, so that lines behind it do not cross it.
  const place = [bbox.left + bbox.width - 4, y + (isAbove ? bandHeight + 2 : 3) * uPlot.pxRatio] as const;
  const words = isAbove ? `${mark.label} ↑` : mark.label;
  ctx.setLineDash([]);
  ctx.lineWidth = 4 * uPlot.pxRatio;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = colour('panel');
  ctx.strokeText(words, ...place);
  ctx.fillText(words, ...place);
  ctx.restore();
}
