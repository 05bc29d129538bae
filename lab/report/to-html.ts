/**
 * A report as one HTML file: nothing is loaded, no script runs, and it opens offline.
 *
 * Its own policy allows nothing but its style, so that a text that slipped through could do nothing either.
 */
import { createHash } from 'node:crypto';
import { toBounded } from './bounded.ts';
import { drawChart, lineLooks, type TimeRange, toClock } from './chart-svg.ts';
import { escapeHtml } from './escape-html.ts';
import { pageStyle } from './page-style.ts';
import type { Chart, Fact, Figure, Report, ReportEvent, ReportTable } from './report.ts';

/** Marks that a legend explains; the others say what they are when they are pointed at. */
const mostMarks = 8;

const styleHash = createHash('sha256').update(pageStyle).digest('base64');

/** What a browser lets the page do. */
export const reportPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;

/** The same as a header, where a server shows the page: also no script of a browser's own, and no frame. */
export const reportShownPolicy = `${reportPolicy}; frame-ancestors 'none'; sandbox`;

/** The report as a page. */
export function toHtml(given: Report): string {
  const report = toBounded(given);
  const { title, at, verdict, ledger, settings, versions, tables, charts, figures = [], events } = report;
  const range = toRange(report);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(reportPolicy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(title)}</title><style>${pageStyle}</style></head><body><main>`,
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="quiet">Made on <time datetime="${toIso(at)}">${toMoment(at)}</time> by Holdfast.</p>`,
    `<p class="verdict${verdict.isGood === null ? '' : verdict.isGood ? ' good' : ' bad'}">${escapeHtml(verdict.text)}</p>`,
    ...(ledger.length === 0 ? [] : ['<h2>What became of the orders</h2>', drawFacts(ledger, 'ledger')]),
    ...figures.map(drawPicture),
    ...(charts.length === 0
      ? []
      : [`<h2>Over time</h2>${toBeginning(range)}`, ...charts.map((one) => drawFigure(one, range))]),
    ...tables.map(drawReportTable),
    ...(events.length === 0 ? [] : [drawEvents(events, range)]),
    ...(settings.length === 0 ? [] : ['<h2>Settings</h2>', drawFacts(settings, 'facts')]),
    '<h2>Versions</h2>',
    drawFacts(versions, 'facts'),
    '</main></body></html>\n',
  ].join('\n');
}

/** A moment in UTC, to the second. */
function toMoment(at: number): string {
  return `${toIso(at).slice(0, 19).replace('T', ' ')} UTC`;
}

function toIso(at: number): string {
  return new Date(at).toISOString();
}

/** From the first thing that is known to the last. */
function toRange({ charts, events, at }: Report): TimeRange {
  const drawn = charts.flatMap(({ lines }) => lines.flatMap(({ points }) => [points[0], points.at(-1)]));
  const times = drawn.flatMap((point) => point?.[0] ?? []);
  // Without a chart, events alone say when it began.
  const all = times.length > 0 ? times : events.map((event) => event.at);
  if (all.length === 0) return { from: at, to: at };
  return { from: Math.min(...all), to: Math.max(...all) };
}

function toBeginning({ from }: TimeRange): string {
  return `<p class="quiet">Times count from ${toMoment(from)}.</p>`;
}

function drawFacts(facts: readonly Fact[], kind: 'ledger' | 'facts'): string {
  const rows = facts.map(({ name, value }) => {
    const said = typeof value === 'number' ? value.toLocaleString('en') : `${value}`;
    const row = `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(said)}</dd>`;
    return kind === 'ledger' ? `<div>${row}</div>` : row;
  });
  return `<dl class="${kind}">${rows.join('')}</dl>`;
}

function drawPicture({ title, svg, note }: Figure): string {
  return (
    `<figure><figcaption><h3>${escapeHtml(title)}</h3></figcaption><div class="scroll">${svg}</div>` +
    `${note === undefined ? '' : `<p class="quiet">${escapeHtml(note)}</p>`}</figure>`
  );
}

function drawFigure(chart: Chart, range: TimeRange): string {
  const keys = chart.lines.map(
    ({ name }, index) =>
      `<li><svg viewBox="0 0 28 10" aria-hidden="true"><path class="line look-${index % lineLooks}" d="M0 5H28"/></svg>${escapeHtml(name)}</li>`,
  );
  const marks = new Map(chart.spans.map(({ label, tone }) => [label, tone]));
  for (const [label, tone] of [...marks].slice(0, mostMarks)) {
    const key = `<svg viewBox="0 0 28 10" class="span ${tone}" aria-hidden="true"><rect width="28" height="10"/></svg>`;
    keys.push(`<li>${key}${escapeHtml(label)}</li>`);
  }
  return (
    `<figure><figcaption><h3>${escapeHtml(chart.title)}</h3>${escapeHtml(chart.unit)}</figcaption><div class="scroll">${drawChart(chart, range)}</div>` +
    `<ul class="legend">${keys.join('')}</ul></figure>`
  );
}

function drawReportTable({ title, note, head, rows }: ReportTable): string {
  const isNumber = head.map((_, column) => {
    const cells = rows.map((row) => row[column] ?? '').filter((cell) => cell !== '');
    return cells.length > 0 && cells.every((cell) => /^([–=]|never|[−-]?[\d.,]*( (ms|s|%))?)$/.test(cell));
  });
  const cell = (tag: string) => (text: string, column: number) =>
    `<${tag}${isNumber[column] ? ' class="number"' : ''}>${escapeHtml(text)}</${tag}>`;
  return [
    `<h2>${escapeHtml(title)}</h2><div class="scroll"><table><thead><tr>${head.map(cell('th')).join('')}</tr></thead><tbody>`,
    ...rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`),
    '</tbody></table></div>',
    ...(note === undefined ? [] : [`<p class="quiet">${escapeHtml(note)}</p>`]),
  ].join('');
}

function drawEvents(events: readonly ReportEvent[], { from }: TimeRange): string {
  const rows = events.map(
    ({ at, who, text, level }) =>
      `<tr class="${level}"><td title="${toMoment(at)}">${at < from ? `−${toClock(from - at)}` : toClock(at - from)}</td>` +
      `<td>${escapeHtml(who)}</td><td>${escapeHtml(text)}</td></tr>`,
  );
  return `<h2>Events</h2><div class="scroll"><table class="events"><tbody>${rows.join('')}</tbody></table></div>`;
}
