/**
 * Takes a line of the terminal apart, so that the page can colour its states and draw its icons. The words stay.
 */
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';
import { stateLabels } from '@holdfast/shared/resilience/breaker-words.ts';

/** A piece of a line; `state` when it names one. */
export interface Token {
  readonly text: string;
  readonly state: BreakerState | null;
}

const labels = Object.entries(stateLabels) as [BreakerState, string][];
// The longest first: OPEN is a part of FORCED-OPEN.
const pattern = new RegExp(
  `(${labels
    .map(([, label]) => label)
    .toSorted((a, b) => b.length - a.length)
    .join('|')})`,
);

/** Splits a line; pictures in front of it are left out, and columns become single spaces. */
export function toTokens(line: string): Token[] {
  return line
    .replace(/^\p{Extended_Pictographic}\uFE0F?\s*/u, '')
    .replace(/\s+/g, ' ')
    .split(pattern)
    .filter((text) => text !== '')
    .map((text) => {
      const state = labels.find(([, label]) => label === text)?.[0] ?? null;
      return { text: state === null ? text : text.replace(/^\S+\s/, ''), state };
    });
}
