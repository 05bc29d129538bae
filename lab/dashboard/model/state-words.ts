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

/** The names of the colours in css/base.css, for a canvas, which CSS cannot style. */
export const stateColours = {
  closed: 'closed',
  open: 'open',
  half_open: 'half-open-fill',
  forced_open: 'forced',
  disabled: 'bypassed',
  no_data: 'no-data',
} as const satisfies Readonly<Record<ShownState, string>>;
