/**
 * The table of breakers: in a wide terminal one row of numbers each, in a narrow one two, and the sentence why below.
 *
 * Numbers of a service that is away are not shown, since stale numbers look current.
 */
import type { BreakerReport } from '@holdfast/shared/observability/wire.ts';
import { type Board, isFresh, type WatchedService } from './board.ts';
import { nameWidth, stateWidth, toAbsence, toStatePiece } from './draw-state.ts';
import { fit, type Line } from './line.ts';
import { toClock, toCount, toErrors, toLatency, toNext, toNumber, toPending, toRate } from './words.ts';

/** The lines of the table for a terminal of this width, titles first; none while no breaker is known. */
export function drawBreakers(board: Board, now: number, columns: number): Line[] {
  const rows = board.services.flatMap((watched) => toRows(watched, now));
  if (rows.length === 0) return [];
  const isWide = columns >= widthOfAll;
  const [first = '', ...others] = toNumberRows(isWide, ({ title }) => title);
  const left = [fit('BREAKER', nameWidth), fit('STATE', stateWidth), fit('NEXT', nextWidth)].join(' ');
  const titles = [`${left}${first}`, ...others].map((text): Line => [{ text, tone: 'heading' }]);
  return [...titles, ...rows.flatMap((row) => toBreakerLines(row, now, isWide))];
}

interface Row {
  readonly watched: WatchedService;
  readonly breaker: BreakerReport;
  /** When the report was made, by the clock of the service. */
  readonly at: number;
  /** How old the report is, by the clock of this machine. */
  readonly ageMs: number;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly toText: (row: Row) => string;
}

const nextWidth = 15;

/** Right-aligned, in the sequence of a wide terminal. */
const numbers: readonly Column[] = [
  { title: 'ERRORS', width: 10, toText: ({ breaker }) => toErrors(breaker) },
  {
    title: 'CALLS/S',
    width: 7,
    toText: ({ watched, breaker }) => toRate(watched.status?.lately[breaker.name]),
  },
  { title: 'P50', width: 6, toText: ({ breaker }) => toLatency(breaker.latency.p50) },
  { title: 'P99', width: 6, toText: ({ breaker }) => toLatency(breaker.latency.p99) },
  {
    title: 'RELAY/S',
    width: 7,
    toText: ({ watched, breaker }) => toNumber(watched.status?.lately[breaker.name]?.relay ?? 0),
  },
  { title: 'OK', width: 6, toText: ({ breaker }) => toCount(breaker, ['success']) },
  { title: 'FAILED', width: 6, toText: ({ breaker }) => toCount(breaker, ['failure']) },
  { title: 'TIMED OUT', width: 9, toText: ({ breaker }) => toCount(breaker, ['timeout']) },
  { title: 'REJECTED', width: 8, toText: ({ breaker }) => toCount(breaker, ['rejected', 'saturated']) },
  { title: 'IN FLIGHT', width: 9, toText: ({ breaker }) => toNumber(breaker.inFlight) },
  { title: 'PENDING', width: 12, toText: ({ watched }) => toPending(watched.status?.relay ?? null) },
  { title: 'OPENED', width: 6, toText: ({ breaker }) => `${toNumber(breaker.opened)}×` },
];

/** So many numbers are in the first row of a narrow terminal; with them it is 80 columns wide. */
const firstRow = 4;

const narrowWidth = 80;

const widthOfAll = [nameWidth, stateWidth, nextWidth, ...numbers.map(({ width }) => width)].reduce(
  (sum, width) => sum + 1 + width,
  -1,
);

function toRows(watched: WatchedService, now: number): Row[] {
  const { status, statusAt } = watched;
  if (status === null) return [];
  return status.breakers.map((breaker) => ({ watched, breaker, at: status.at, ageMs: now - statusAt }));
}

function toBreakerLines(row: Row, now: number, isWide: boolean): Line[] {
  const { watched, breaker, at, ageMs } = row;
  const fresh = isFresh(watched, now);
  const [first = '', ...others] = toNumberRows(isWide, ({ toText }) => (fresh ? toText(row) : '–'));
  const next = fresh ? toNext(breaker, at, ageMs) : `since ${toClock(watched.heardAt ?? now)}`;
  return [
    [
      { text: `${fit(breaker.name, nameWidth)} ` },
      toStatePiece(fresh ? breaker.state : undefined),
      { text: ` ${fit(next, nextWidth)}${first}` },
    ],
    ...others.map((text): Line => [{ text }]),
    [{ text: `  ${fresh ? breaker.why : toAbsence(watched)}`, tone: 'quiet' }],
  ];
}

/** The numbers of one breaker, or their titles, as one text or two; the second row has one column more. */
function toNumberRows(isWide: boolean, toText: (column: Column) => string): string[] {
  const join = (columns: readonly Column[]) =>
    columns.map((column) => ` ${fit(toText(column), column.width, 'right')}`).join('');
  if (isWide) return [join(numbers)];
  const second = join(numbers.slice(firstRow));
  return [join(numbers.slice(0, firstRow)), second.padStart(narrowWidth)];
}
