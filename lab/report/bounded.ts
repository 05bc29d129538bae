/**
 * Limits a report, so that a page of it opens at once: fewer points, rows, events and letters, and no name of this machine.
 *
 * A line keeps the lowest and the highest point of each stretch, so that no peak is lost.
 */
import { createHider } from './hide-places.ts';
import type { Chart, Fact, Figure, Point, Report, ReportTable } from './report.ts';

/** What is kept at most. */
export const limits = {
  points: 600,
  lines: 24,
  spans: 200,
  charts: 24,
  figures: 24,
  tables: 24,
  rows: 500,
  columns: 24,
} as const;

/** The newest events that are kept. */
export const mostEvents = 500;
const mostLetters = 500;
const mostFacts = 100;

/** The report within its limits. */
export function toBounded(report: Report): Report {
  const hide = createHider();
  const text = (given: string) => cut(hide(given));
  const facts = (given: readonly Fact[]): Fact[] =>
    given.slice(0, mostFacts).map(({ name, value }) => ({
      name: text(name),
      value: typeof value === 'string' ? text(value) : value,
    }));
  const table = ({ title, note, head, rows }: ReportTable): ReportTable => ({
    title: text(title),
    ...(note === undefined ? {} : { note: text(note) }),
    head: head.slice(0, limits.columns).map(text),
    rows: rows.slice(0, limits.rows).map((row) => row.slice(0, limits.columns).map(text)),
  });
  const figure = ({ title, svg, note }: Figure): Figure => ({
    ...{ title: text(title), svg: hide(svg) },
    ...(note === undefined ? {} : { note: text(note) }),
  });
  const chart = ({ title, unit, lines, spans }: Chart): Chart => ({
    ...{ title: text(title), unit: text(unit) },
    lines: lines
      .slice(0, limits.lines)
      .map(({ name, points }) => ({ name: text(name), points: thin(points) })),
    spans: spans.slice(-limits.spans).map((span) => ({ ...span, label: text(span.label) })),
  });
  return {
    title: text(report.title),
    at: report.at,
    verdict: { ...report.verdict, text: text(report.verdict.text) },
    ledger: facts(report.ledger),
    settings: facts(report.settings),
    versions: facts(report.versions),
    tables: report.tables.slice(0, limits.tables).map(table),
    charts: report.charts.slice(0, limits.charts).map(chart),
    ...(report.figures === undefined ? {} : { figures: report.figures.slice(0, limits.figures).map(figure) }),
    events: report.events
      .slice(-mostEvents)
      .map((event) => ({ ...event, who: text(event.who), text: text(event.text) })),
  };
}

/** The lowest and the highest point of each stretch, in their sequence; a stretch without a value stays a gap. */
function thin(points: readonly Point[]): Point[] {
  if (points.length <= limits.points) return [...points];
  const stretch = Math.ceil((points.length * 2) / limits.points);
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const own = points.slice(start, start + stretch);
    const known = own.filter(([, value]) => value !== null).toSorted(([, a], [, b]) => Number(a) - Number(b));
    const ends = known.length === 0 ? own.slice(0, 1) : [...new Set([known[0], known.at(-1)])];
    kept.push(...ends.filter((point) => point !== undefined).toSorted(([a], [b]) => a - b));
  }
  return kept;
}

function cut(text: string): string {
  return text.length <= mostLetters ? text : `${text.slice(0, mostLetters - 1)}…`;
}
