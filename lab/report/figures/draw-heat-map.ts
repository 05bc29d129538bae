/**
 * A heat map as SVG: two settings, one measure, the setting of today in a ring.
 *
 * Strong colour is bad where `lowIsGood`, else good. Every cell says its value when it is pointed at, and inside where it fits.
 */
import { escapeHtml } from '../escape-html.ts';
import { type Axis, toCoordinate as at, toAxisLabel, toValue } from './axis.ts';

/** An axis whose values are few and may be unevenly apart. */
export interface HeatAxis extends Axis {
  readonly values: readonly number[];
}

/** What is drawn. */
export interface HeatMap {
  readonly title: string;
  readonly x: HeatAxis;
  readonly y: HeatAxis;
  /** A row for each value of `y`, in it a cell for each of `x`; `null` is crossed out: there is no value. */
  readonly cells: readonly (readonly (number | null)[])[];
  readonly unit: string;
  /** Values on the axes; the nearest cell gets the ring. */
  readonly marked?: { readonly x: number; readonly y: number };
  readonly lowIsGood: boolean;
  /** The value of the strongest colour, and of none, where several maps stand side by side; else the largest and the least of this map. */
  readonly scale?: readonly [low: number, high: number];
}

const size = { width: 760, left: 86, right: 12, top: 10, bottom: 44, cell: 30 } as const;
/** Text in a cell stays readable above the strongest colour. */
const mostOpacity = 0.6;

/** Draws a heat map; the first value of `y` is at the bottom. */
export function drawHeatMap(map: HeatMap): string {
  const { x, y, cells, unit, marked, lowIsGood } = map;
  const width = (size.width - size.left - size.right) / Math.max(1, x.values.length);
  const bottom = size.top + size.cell * y.values.length;
  const known = cells.flat().filter((value) => value !== null && Number.isFinite(value)) as number[];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const [from, to] = map.scale ?? [low, high];
  const left = (column: number) => size.left + column * width;
  const top = (row: number) => bottom - (row + 1) * size.cell;

  const drawCell = (row: number, column: number) => {
    const value = cells[row]?.[column] ?? null;
    const where = `${toAxisLabel(x)} ${toValue(x.values[column] ?? 0)}, ${toAxisLabel(y)} ${toValue(y.values[row] ?? 0)}`;
    const box = `x="${at(left(column))}" y="${at(top(row))}" width="${at(width)}" height="${size.cell}"`;
    if (value === null || !Number.isFinite(value)) {
      const [x1, y1, x2, y2] = [left(column), top(row), left(column) + width, top(row) + size.cell].map(at);
      return `<g class="heat-none"><title>${escapeHtml(`${where}: crossed out`)}</title><rect ${box}/><path d="M${x1} ${y1}L${x2} ${y2}M${x2} ${y1}L${x1} ${y2}"/></g>`;
    }
    const strength = to > from ? Math.min(1, Math.max(0, (value - from) / (to - from))) : 0;
    const said = toValue(value);
    const text =
      width >= said.length * 6.4 + 4
        ? `<text class="axis cell" x="${at(left(column) + width / 2)}" y="${at(top(row) + size.cell / 2 + 4)}">${said}</text>`
        : '';
    return (
      `<g><title>${escapeHtml(`${where}: ${toValue(value, unit)}`)}</title>` +
      `<rect class="heat ${lowIsGood ? 'bad' : 'good'}" fill-opacity="${at(strength * mostOpacity * 100)}%" ${box}/>${text}</g>`
    );
  };

  const ring = () => {
    if (marked === undefined) return '';
    const [column, row] = [toNearest(x.values, marked.x), toNearest(y.values, marked.y)];
    return (
      `<rect class="ring" x="${at(left(column) + 1.5)}" y="${at(top(row) + 1.5)}" width="${at(width - 3)}" ` +
      `height="${size.cell - 3}" rx="5"><title>current</title></rect>`
    );
  };

  const height = bottom + size.bottom;
  return [
    `<svg viewBox="0 0 ${size.width} ${height}" role="img" aria-label="${escapeHtml(toSummary(map, low, high))}">`,
    ...y.values.flatMap((_, row) => x.values.map((_value, column) => drawCell(row, column))),
    ring(),
    ...x.values.map(
      (value, column) =>
        `<text class="axis" x="${at(left(column) + width / 2)}" y="${bottom + 16}">${toValue(value)}</text>`,
    ),
    ...y.values.map(
      (value, row) =>
        `<text class="axis end" x="${size.left - 6}" y="${at(top(row) + size.cell / 2 + 4)}">${toValue(value)}</text>`,
    ),
    `<text class="axis" x="${at((size.left + size.width - size.right) / 2)}" y="${bottom + 36}">${escapeHtml(toAxisLabel(x))}</text>`,
    `<text class="axis" transform="rotate(-90)" x="${at(-(size.top + bottom) / 2)}" y="14">${escapeHtml(toAxisLabel(y))}</text>`,
    '</svg>',
  ].join('');
}

/** What a reader hears who does not see the picture. */
function toSummary({ title, x, y, cells, unit, marked }: HeatMap, low: number, high: number): string {
  const none = cells.flat().filter((value) => value === null).length;
  const today =
    marked === undefined ? undefined : cells[toNearest(y.values, marked.y)]?.[toNearest(x.values, marked.x)];
  return [
    `${title}: ${toAxisLabel(x)} against ${toAxisLabel(y)}`,
    high >= low ? `; from ${toValue(low, unit)} to ${toValue(high, unit)}` : '',
    none === 0 ? '' : `; ${none} of ${cells.flat().length} crossed out`,
    today === undefined ? '' : `; current ${today === null ? 'crossed out' : toValue(today, unit)}`,
  ].join('');
}

function toNearest(values: readonly number[], wanted: number): number {
  return values.reduce(
    (best, value, index) =>
      Math.abs(value - wanted) < Math.abs((values[best] ?? Number.POSITIVE_INFINITY) - wanted) ? index : best,
    0,
  );
}
