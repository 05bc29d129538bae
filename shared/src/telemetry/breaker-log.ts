/** Writes what breakers do into the log: opening is a warning, every other transition information. */
import { toTransitionLine } from './breaker-words.ts';
import type { Events } from './events.ts';
import type { Log } from './log.ts';

/** Subscribes a log to the events of breakers. */
export function logBreakers(events: Events, log: Log): void {
  events.on('transition', (event) => log.info({ event: 'transition' }, toTransitionLine(event)));
}
