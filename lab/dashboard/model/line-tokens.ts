/** Splits an event in the words of the terminal, so that the page can colour its states and draw its icons. */
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';
import { stateNames } from '@holdfast/shared/resilience/breaker-words.ts';
import type { LabEntry, ServiceEntry } from '../../server/wire.ts';
import { toBegin } from './entries.ts';
import { toClock } from './format.ts';

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
      return [plain(`${entry.name} `), named(entry.state), plain(` ${toRowWords(entry)}`)];
    case 'configured':
      return [plain(`${entry.name} `), named(entry.state), plain(` ${entry.text}`)];
    case 'policy':
      return [plain(`${entry.name}: ${entry.text}`)];
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

/** A row of rejections in one line: `137 rejected since 12:04:31, the last at 12:04:41`. */
function toRowWords(entry: ServiceEntry & { readonly event: 'rejections' }): string {
  const begin = toBegin(entry);
  if (begin === entry.at) return entry.text;
  return `rejected ${entry.total} since ${toClock(begin)}, the last at ${toClock(entry.at)}`;
}
