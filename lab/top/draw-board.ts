/**
 * The lines of `npm run top`: a head, the breakers, the services, the newest events. Pure: the same board, moment and
 * canvas give the same lines.
 */
import { type Board, isFresh } from './board.ts';
import { drawBreakers } from './draw-breakers.ts';
import { drawServices } from './draw-services.ts';
import { type Line, paint } from './line.ts';
import { toClock, toExactClock } from './words.ts';

/** The size of the terminal; infinite when lines are only printed. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

/** Events that are only printed; a terminal shows as many as it has room for. */
const printedEvents = 8;

/** Draws everything; tables come before events, and lines that do not fit are counted in the last one. */
export function drawBoard(board: Board, now: number, canvas: Canvas): string[] {
  const breakers = drawBreakers(board, now, canvas.columns);
  const tables: Line[] = [
    toHead(board, now, canvas),
    [],
    ...breakers,
    ...(breakers.length > 0 ? [[]] : []),
    ...drawServices(board, now),
  ];
  const titleLines = 2;
  const room = Number.isFinite(canvas.rows) ? canvas.rows - tables.length - titleLines : printedEvents;
  const lines = [...tables, ...drawEvents(board, room)];
  return toFitting(lines, canvas.rows).map((line) => paint(line, canvas));
}

function toHead({ services }: Board, now: number, { rows }: Canvas): Line {
  const answering = services.filter((one) => isFresh(one, now)).length;
  return [
    { text: 'Holdfast', tone: 'heading' },
    { text: `  ${toClock(now)}  ${answering} of ${services.length} services answer` },
    // Keys are for a terminal only.
    ...(Number.isFinite(rows) ? [{ text: '  q quits', tone: 'quiet' } as const] : []),
  ];
}

function drawEvents({ events }: Board, room: number): Line[] {
  if (room <= 0 || events.length === 0) return [];
  const lines = events
    .slice(-room)
    .map(
      ({ at, service, line }): Line => [
        { text: `${toExactClock(at)} `, tone: 'quiet' },
        { text: `${service.padEnd(8)} ${line}` },
      ],
    );
  return [[], [{ text: 'EVENTS', tone: 'heading' }], ...lines];
}

function toFitting(lines: readonly Line[], rows: number): readonly Line[] {
  if (lines.length <= rows) return lines;
  const kept = Math.max(0, rows - 1);
  return [...lines.slice(0, kept), [{ text: `… ${lines.length - kept} more lines`, tone: 'quiet' }]];
}
