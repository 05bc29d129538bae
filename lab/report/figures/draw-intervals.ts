/** Dots with their intervals as SVG, one a row, so that it is seen which of them overlap, which touch zero, and how far from it they are. */
import { escapeHtml } from '../escape-html.ts';
import { toCoordinate as at, createScale, toValue } from './axis.ts';

/** A measured value and the interval in which it may lie. */
export interface IntervalRow {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What is drawn. */
export interface Intervals {
  readonly title: string;
  readonly unit: string;
  readonly rows: readonly IntervalRow[];
}

const size = { width: 760, right: 70, top: 8, row: 26, bottom: 40, letter: 6.2, mostLeft: 300 } as const;

/** Draws dots with intervals. */
export function drawIntervals({ title, unit, rows }: Intervals): string {
  const left = Math.min(
    size.mostLeft,
    20 + size.letter * Math.max(0, ...rows.map(({ name }) => name.length)),
  );
  const bottom = size.top + size.row * rows.length;
  const scale = createScale(
    rows.flatMap(({ value, low, high }) => [value, low, high]),
    [left, size.width - size.right],
    { zero: true },
  );
  const said = ({ value, low, high }: IntervalRow) =>
    `${toValue(value, unit)} (${toValue(low)} to ${toValue(high)})`;
  const summary = rows.map((row) => `${row.name} ${said(row)}`).join(', ');
  return [
    `<svg viewBox="0 0 ${size.width} ${bottom + size.bottom}" role="img" aria-label="${escapeHtml(`${title}: ${summary}`)}">`,
    ...scale.ticks.map(
      (value) =>
        `<line class="${value === 0 ? 'zero' : 'grid'}" x1="${at(scale.place(value))}" x2="${at(scale.place(value))}" y1="${size.top}" y2="${bottom}"/>` +
        `<text class="axis" x="${at(scale.place(value))}" y="${bottom + 16}">${toValue(value)}</text>`,
    ),
    `<text class="axis" x="${at((left + size.width - size.right) / 2)}" y="${bottom + 34}">${escapeHtml(unit)}</text>`,
    ...rows.map((row, index) => {
      const y = size.top + size.row * (index + 0.5);
      const [low, value, high] = [row.low, row.value, row.high].map((one) => at(scale.place(one)));
      return (
        `<g><title>${escapeHtml(`${row.name}: ${said(row)}`)}</title><text class="axis end" x="${left - 10}" y="${at(y + 4)}">${escapeHtml(toShort(row.name, left))}</text>` +
        `<path class="line whisker" d="M${low} ${at(y)}H${high}M${low} ${at(y - 5)}v10M${high} ${at(y - 5)}v10"/>` +
        `<circle class="dot look-0" cx="${value}" cy="${at(y)}" r="4.5"/>` +
        `<text x="${size.width - size.right + 10}" y="${at(y + 4)}">${escapeHtml(toValue(row.value))}</text></g>`
      );
    }),
    '</svg>',
  ].join('');
}

/** A name that is too long for its place ends in dots; the title has all of it. */
function toShort(name: string, left: number): string {
  const most = Math.floor((left - 14) / size.letter);
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`;
}
