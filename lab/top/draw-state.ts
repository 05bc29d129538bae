/** What both tables share: their first two columns, and the words for a service that is away. */
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';
import { stateLabels } from '@holdfast/shared/resilience/breaker-words.ts';
import type { WatchedService } from './board.ts';
import { fit, type Piece } from './line.ts';
import { toClock } from './words.ts';

/** Width of the column with the name of a breaker or service. */
export const nameWidth = 17;

/** Width of the column with a state. */
export const stateWidth = 13;

/** The text of a state; `undefined` when it is not known. */
export function toStatePiece(state: BreakerState | undefined): Piece {
  if (state === undefined) return { text: fit('▨ NO DATA', stateWidth), tone: 'away' };
  return { text: fit(stateLabels[state], stateWidth), tone: state };
}

/** Describes an absence: since when, and why. */
export function toAbsence({ url, heardAt, lost }: WatchedService): string {
  const why = lost === null ? '' : ` (${lost})`;
  const since = heardAt === null ? 'yet' : `since ${toClock(heardAt)}`;
  return `Nothing ${since}${why} from ${url}.`;
}
