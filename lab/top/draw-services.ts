/** The table of services: whether each is ready, what it does, and below it the faults that are active in it. */
import type { ServiceStatus } from '@holdfast/shared/observability/wire.ts';
import { type Board, isFresh, type WatchedService } from './board.ts';
import { nameWidth, stateWidth, toAbsence, toStatePiece } from './draw-state.ts';
import { fit, type Line, type Piece } from './line.ts';
import { toFault, toLatency, toNumber, toPending } from './words.ts';

/** The lines of the table, titles first. */
export function drawServices({ services }: Board, now: number): Line[] {
  const text = [
    fit('SERVICE', nameWidth),
    fit('STATE', stateWidth),
    ...toCells('REQ/S', 'IN WORK', 'PENDING'),
    ' DATABASE',
  ].join(' ');
  return [[{ text, tone: 'heading' }], ...services.flatMap((watched) => toServiceLines(watched, now))];
}

function toServiceLines(watched: WatchedService, now: number): Line[] {
  const { status, url, statusAt } = watched;
  const name = { text: `${fit(status?.service ?? url.replace(/^https?:\/\//, ''), nameWidth)} ` };
  if (status === null || !isFresh(watched, now)) {
    return [[name, toStatePiece(undefined), { text: ` ${toAbsence(watched)}` }]];
  }
  const { perSecond, active } = status.requests;
  const cells = toCells(perSecond.toFixed(1), toNumber(active), toPending(status.relay));
  const faults = status.faults.map((fault) => toFault(fault, now - statusAt));
  return [
    [name, toReadiness(watched), { text: ` ${[...cells, ` ${toDatabase(status)}`].join(' ')}` }],
    ...faults.map((text): Line => [{ text: `${' '.repeat(nameWidth)} ⚠ ${text}`, tone: 'warning' }]),
  ];
}

function toCells(rate: string, active: string, pending: string): string[] {
  return [fit(rate, 7, 'right'), fit(active, 7, 'right'), fit(pending, 12, 'right')];
}

function toReadiness({ status, lost }: WatchedService): Piece {
  if (lost !== null) return { text: fit('reconnecting', stateWidth), tone: 'warning' };
  if (status?.ready) return { text: fit('ready', stateWidth) };
  const phase = status?.phase ?? 'starting';
  return { text: fit(phase === 'serving' ? 'not ready' : phase, stateWidth), tone: 'warning' };
}

function toDatabase({ database, databaseMs }: ServiceStatus): string {
  return databaseMs === null ? database : `${database} ${toLatency(databaseMs)}`;
}
