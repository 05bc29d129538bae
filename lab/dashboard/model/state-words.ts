/**
 * The five states of a breaker and the missing one, with word and colour.
 *
 * The colours suit colour-blind readers, and every use also has an icon and a word.
 */
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';

/** A state, or that none is known. */
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

/** The colours for a canvas, which CSS cannot style. */
export const stateColours: Readonly<Record<ShownState, string>> = {
  closed: '#56B4E9',
  open: '#ff6b4a',
  half_open: '#F0C000',
  forced_open: '#d2a8ff',
  disabled: '#9aa7b2',
  no_data: '#4a5863',
};
