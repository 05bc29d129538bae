/** Splits an event in the words of the terminal, so that the page can colour its states and draw its icons. */
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';
import { stateNames } from '@holdfast/shared/resilience/breaker-words.ts';
import type { LabEntry } from '../../server/wire.ts';

/** A piece of text; `state` when it names one. */
export interface Token {
  readonly text: string;
  readonly state: BreakerState | null;
}

/** Makes the pieces: name, states and text of a breaker's event, or the text of another. */
export function toTokens(entry: LabEntry): Token[] {
  switch (entry.event) {
    case 'transition':
      return [
        plain(`${entry.name} `),
        named(entry.from),
        plain(' → '),
        named(entry.to),
        plain(` ${entry.why}`),
      ];
    case 'rejections':
    case 'configured':
      return [plain(`${entry.name} `), named(entry.state), plain(` ${entry.text}`)];
    default:
      return [plain(entry.text)];
  }
}

function plain(text: string): Token {
  return { text, state: null };
}

function named(state: BreakerState): Token {
  return { text: stateNames[state], state };
}
