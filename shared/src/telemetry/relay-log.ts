/** Writes what an operator should hear of the relay: old documents, misconfigured neighbours, dead documents. */
import type { RelayEvent } from '../relay.ts';
import type { Log } from './log.ts';

/** Milliseconds for which the same news of the same kind is not repeated. */
const quietMs = 10_000;

/** Creates the listener of one relay; the same kind of news is written at most every ten seconds. */
export function logRelay(log: Log, clock: () => number = Date.now): (event: RelayEvent) => void {
  const toldAt = new Map<RelayEvent['kind'], number>();
  return (event) => {
    const now = clock();
    if (event.kind !== 'dead' && now - (toldAt.get(event.kind) ?? Number.NEGATIVE_INFINITY) < quietMs) return;
    toldAt.set(event.kind, now);
    const [level, words] = toWords(event);
    log[level]({ event: `relay-${event.kind}`, relay: event }, words);
  };
}

function toWords(event: RelayEvent): ['warn' | 'error', string] {
  switch (event.kind) {
    case 'old':
      return [
        event.level,
        `"${event.id}" has been pending for ${Math.round(event.ageMs / 1000)} s: ${event.reason}`,
      ];
    case 'misconfigured':
      return ['error', `"${event.id}" cannot be handed on, check CHAIN_SVC: ${event.reason}`];
    case 'dead':
      return ['error', `"${event.id}" is put aside until somebody replays it: ${event.reason}`];
    case 'store-away':
      return ['warn', `the relay waits for the database: ${event.reason}`];
  }
}
