/** Lines over any two quantities as SVG; a line differs from others by colour and dashes, and may turn back, as hysteresis does. */
import { lineLooks } from '../chart-svg.ts';
import { escapeHtml } from '../escape-html.ts';
import { type Axis, toCoordinate as at, createScale, toAxisLabel, toValue } from './axis.ts';

/** One line; its points are joined in the given sequence. */
export interface XyLine {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Draws a dot at each point. */
  readonly dots?: boolean;
}

/** What is drawn. */
export interface XyFigure {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly XyLine[];
}

const size = { width: 760, height: 300, left: 66, right: 14, top: 12, bottom: 44, legend: 18 } as const;

/** Draws lines; the vertical axis begins at 0. Points that are no numbers are left out. */
export function drawXy({ title, x, y, lines: given }: XyFigure): string {
  const lines = given.map((line) => ({
    ...line,
    points: line.points.filter((point) => point.every(Number.isFinite)),
  }));
  const points = lines.flatMap((line) => line.points);
  const bottom = size.height - size.bottom;
  const across = createScale(
    points.map(([value]) => value),
    [size.left, size.width - size.right],
    { zero: false },
  );
  const up = createScale(
    points.map(([, value]) => value),
    [bottom, size.top],
    { zero: true },
  );
  const summary = lines.map(({ name, points: own }) => {
    const most = own.reduce((top, [, value]) => Math.max(top, value), 0);
    return `${name} at most ${toValue(most, y.unit)}`;
  });
  const height = size.height + size.legend * lines.length;
  return [
    `<svg viewBox="0 0 ${size.width} ${height}" role="img" aria-label="${escapeHtml(`${title}: ${toAxisLabel(y)} over ${toAxisLabel(x)}; ${summary.join(', ')}`)}">`,
    ...up.ticks.map(
      (value) =>
        `<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${at(up.place(value))}" y2="${at(up.place(value))}"/>` +
        `<text class="axis end" x="${size.left - 6}" y="${at(up.place(value) + 4)}">${toValue(value)}</text>`,
    ),
    ...across.ticks.map(
      (value) =>
        `<text class="axis" x="${at(across.place(value))}" y="${bottom + 16}">${toValue(value)}</text>`,
    ),
    `<text class="axis" x="${at((size.left + size.width - size.right) / 2)}" y="${bottom + 36}">${escapeHtml(toAxisLabel(x))}</text>`,
    `<text class="axis" transform="rotate(-90)" x="${at(-(size.top + bottom) / 2)}" y="14">${escapeHtml(toAxisLabel(y))}</text>`,
    ...lines.map(({ name, points: own, dots }, index) => {
      const look = index % lineLooks;
      const placed = own.map(([right, high]) => [at(across.place(right)), at(up.place(high))] as const);
      const path = placed.map(([right, high], nth) => `${nth === 0 ? 'M' : 'L'}${right} ${high}`).join('');
      const marks =
        dots === true
          ? placed.map(
              ([right, high]) => `<circle class="dot look-${look}" cx="${right}" cy="${high}" r="3"/>`,
            )
          : [];
      return `<g><title>${escapeHtml(name)}</title><path class="line look-${look}" d="${path}"/>${marks.join('')}</g>`;
    }),
    ...lines.map(({ name }, index) => {
      const high = size.height + size.legend * index;
      return (
        `<path class="line look-${index % lineLooks}" d="M${size.left} ${high}h28"/>` +
        `<text x="${size.left + 36}" y="${high + 4}">${escapeHtml(name)}</text>`
      );
    }),
    '</svg>',
  ].join('');
}
