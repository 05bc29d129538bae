/**
 * A chart as SVG without a script: axes, marked spans behind the lines, a gap where nothing is known.
 *
 * Lines differ by colour and by dashes, so that they can be told apart in print. Colours are classes of page-style.ts.
 */
import { escapeHtml } from './escape-html.ts';
import type { Chart, ChartLine, Point, Span } from './report.ts';

const size = { width: 760, height: 190, left: 46, right: 18, top: 18, bottom: 24 } as const;
const plot = {
  width: size.width - size.left - size.right,
  height: size.height - size.top - size.bottom,
} as const;

/** How many lines look different; further ones begin again. */
export const lineLooks = 8;

/** The time that all charts of a report share, so that they can be read below each other. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Draws a chart over a range of time. */
export function drawChart(chart: Chart, range: TimeRange): string {
  const values = chart.lines.flatMap(({ points }) => points.flatMap(([, value]) => value ?? []));
  const top = toNiceTop(values.reduce((most, value) => Math.max(most, value), 0));
  const x = (at: number) => size.left + (plot.width * (at - range.from)) / Math.max(1, range.to - range.from);
  const y = (value: number) => size.top + plot.height * (1 - Math.max(0, value) / top);
  return [
    `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escapeHtml(toSummary(chart))}">`,
    ...chart.spans.map((span) => drawSpan(span, range, x)),
    ...[0, top / 2, top].map((value) => drawLevel(value, y(value))),
    ...toTimes(range).map((at) => drawTime(at - range.from, x(at))),
    ...chart.lines.map((line, index) => drawLine(line, index % lineLooks, x, y)),
    '</svg>',
  ].join('');
}

/** A duration as a clock shows it: 0:07, 12:30, 1:02:03. */
export function toClock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (part: number) => `${part}`.padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A number with as many digits as say something. */
export function toNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 });
}

function drawSpan({ from, to, label, tone }: Span, range: TimeRange, x: (at: number) => number): string {
  const [start, end] = [Math.max(from, range.from), Math.min(to, range.to)];
  if (end < start) return '';
  const width = Math.max(1.5, x(end) - x(start));
  const fits = width > label.length * 5.6;
  return (
    `<g class="span ${tone}"><title>${escapeHtml(`${label}, ${toClock(from - range.from)} to ${toClock(to - range.from)}`)}</title>` +
    `<rect x="${round(x(start))}" y="${size.top}" width="${round(width)}" height="${plot.height}"/>` +
    `${fits ? `<text x="${round(x(start) + 3)}" y="${size.top - 5}">${escapeHtml(label)}</text>` : ''}</g>`
  );
}

function drawLevel(value: number, y: number): string {
  return (
    `<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${round(y)}" y2="${round(y)}"/>` +
    `<text class="axis end" x="${size.left - 6}" y="${round(y + 4)}">${toNumber(value)}</text>`
  );
}

function drawTime(elapsedMs: number, x: number): string {
  return `<text class="axis" x="${round(x)}" y="${size.height - 6}">${toClock(elapsedMs)}</text>`;
}

function drawLine(
  { name, points }: ChartLine,
  look: number,
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  const drawn = toStretches(points).map((stretch) =>
    stretch.length === 1
      ? `M${round(x(stretch[0][0]) - 1)} ${round(y(stretch[0][1]))}h2`
      : stretch
          .map(([at, value], index) => `${index === 0 ? 'M' : 'L'}${round(x(at))} ${round(y(value))}`)
          .join(''),
  );
  return `<path class="line look-${look}" d="${drawn.join('')}"><title>${escapeHtml(name)}</title></path>`;
}

type KnownPoint = readonly [at: number, value: number];

/** The line in pieces, split at its gaps. */
function toStretches(points: readonly Point[]): [KnownPoint, ...KnownPoint[]][] {
  const stretches: [KnownPoint, ...KnownPoint[]][] = [];
  let isGap = true;
  for (const [at, value] of points) {
    if (value === null || !Number.isFinite(value)) {
      isGap = true;
      continue;
    }
    if (isGap) stretches.push([[at, value]]);
    else stretches.at(-1)?.push([at, value]);
    isGap = false;
  }
  return stretches;
}

/** About six round moments of the range. */
function toTimes({ from, to }: TimeRange): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400];
  const step = (steps.find((seconds) => (to - from) / 1000 / seconds <= 7) ?? 604_800) * 1000;
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

/** The least round number that is not below. */
function toNiceTop(most: number): number {
  if (most <= 0 || !Number.isFinite(most)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((top) => top >= most) ?? most;
}

/** What a reader hears who does not see the picture. */
function toSummary({ title, unit, lines, spans }: Chart): string {
  const said = lines.map(({ name, points }) => {
    const values = points.flatMap(([, value]) => value ?? []);
    const most = values.reduce((top, value) => Math.max(top, value), 0);
    return `${name} at most ${toNumber(most)}`;
  });
  const marks =
    spans.length === 0 ? '' : `; marked: ${[...new Set(spans.map(({ label }) => label))].join(', ')}`;
  return `${title} (${unit}): ${said.join(', ')}${marks}`;
}

function round(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}
