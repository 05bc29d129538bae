/**
 * What is painted on the canvas of a chart beside its lines: the states of the breaker and the times of faults behind
 * them, ticks for what happened, and a level.
 */
import uPlot from 'uplot';
import type { ChartMarks } from '../model/chart-marks.ts';
import { type Change, type Segment, toPainted } from '../model/state-strip.ts';
import { stateColours } from '../model/state-words.ts';
import { colour } from './theme.ts';

/** A value with its name. */
export interface Level {
  readonly value: number;
  readonly label: string;
}

/** The height of the band of a fault. */
const bandHeight = 5;

/** A state is a colour behind the lines. */
export function drawSegments(self: uPlot, segments: readonly Segment[]): void {
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
export function drawWindows(
  self: uPlot,
  windows: ChartMarks['windows'],
  { isNamed }: { isNamed: boolean },
): void {
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
      paintWords(ctx, window.label, place);
    }
  }
  ctx.restore();
}

/** A transition is a tick at the bottom in the colour of the new state. */
export function drawChanges(self: uPlot, changes: readonly Change[]): void {
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
export function drawMoments(self: uPlot, marks: ChartMarks['marks']): void {
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

/** A level is a dotted line; one above the chart is named at its top. */
export function drawLevel(self: uPlot, mark: Level | undefined): void {
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
  // Below the band of a fault.
  const place = [bbox.left + bbox.width - 4, y + (isAbove ? bandHeight + 2 : 3) * uPlot.pxRatio] as const;
  ctx.setLineDash([]);
  paintWords(ctx, isAbove ? `${mark.label} ↑` : mark.label, place);
  ctx.restore();
}

/** The place of a time; `undefined` when it is not in the chart. */
function toBox(
  self: uPlot,
  { from, to }: { readonly from: number; readonly to: number },
): { left: number; width: number } | undefined {
  const { bbox } = self;
  const left = Math.max(bbox.left, self.valToPos(from / 1_000, 'x', true));
  const width = Math.min(bbox.left + bbox.width, self.valToPos(to / 1_000, 'x', true)) - left;
  return width <= 0 ? undefined : { left, width };
}

/** With an edge in the colour of the ground, so that lines behind the words do not cross them. */
function paintWords(ctx: CanvasRenderingContext2D, words: string, place: readonly [number, number]): void {
  ctx.lineWidth = 4 * uPlot.pxRatio;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = colour('panel');
  ctx.strokeText(words, ...place);
  ctx.fillText(words, ...place);
}
