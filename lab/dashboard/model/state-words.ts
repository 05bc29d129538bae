/**
 * The five states of a breaker and the missing one, with word and colour. One place, so that no pill differs.
 *
 * The colours survive colour blindness, and still never stand alone: every use has an icon and a word.
 */
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';

/** What a pill can show: a state, or that nothing is known. */
export type ShownState = BreakerState | 'no_data';

/** The word on a pill. */
export const stateWords: Readonly<Record<ShownState, string>> = {
  closed: 'CLOSED',
  open: 'OPEN',
  half_open: 'HALF-OPEN',
  forced_open: 'FORCED OPEN',
  disabled: 'BYPASSED',
  no_data: 'NO DATA',
};

/** The colour of a state where CSS does not reach: in a canvas. */
export const stateColours: Readonly<Record<ShownState, string>> = {
  closed: '#56B4E9',
  open: '#ff6b4a',
  half_open: '#F0C000',
  forced_open: '#d2a8ff',
  disabled: '#9aa7b2',
  no_data: '#4a5863',
};
