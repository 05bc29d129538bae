/** Logs what an operator should know of the relay: old documents, misconfigured neighbours, dead documents, lost answers. */
import type { RelayEvent } from '../delivery/relay.ts';
import { limitLog } from './limited-log.ts';
import type { Log } from './log.ts';

/** Milliseconds for which events of one kind are counted instead of logged. */
const quietMs = 10_000;

/** Creates the listener of one relay; dead documents are logged up to once a second. */
export function logRelay(log: Log): (event: RelayEvent) => void {
  const write = limitLog(log, { quietMs });
  const writeDead = limitLog(log);
  return (event) => {
    const [level, message] = toWords(event);
    const line = { cause: `relay-${event.kind}`, level, message };
    const put = event.kind === 'dead' ? writeDead : write;
    put({ ...line, fields: { event: line.cause, relay: event } });
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
    case 'contradiction':
      return ['error', `"${event.id}" was answered as completed, but ${event.reason}`];
    case 'dead':
      return ['error', `"${event.id}" is put aside until somebody replays it: ${event.reason}`];
    case 'store-away':
      return ['warn', `the relay waits for the database: ${event.reason}`];
  }
}
