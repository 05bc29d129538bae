/**
 * How fast one address may ask while creates are in work: what it asks beyond that is answered a little later.
 *
 * An answer takes the time of the process even where it is a refusal. Whoever asks again as soon as it has one, on all
 * of its connections, would leave little of that time to others; and waiting costs nothing. Nobody is refused here, so a
 * probe from the same address is only late.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../resilience/deadline.ts';
import { toClient } from './fair-share.ts';

/** Milliseconds between two requests of one address, beyond a burst; what may have been saved up; the longest wait. */
const usual = { eachMs: 5, burstMs: 500, longestMs: 250 } as const;
/** A connection with more requests that wait sends them without reading answers, and is closed. */
const maxPiled = 16;
/** With more addresses than this all are forgotten: it saves nobody more than a burst. */
const maxAddresses = 4096;

/** Hands a request on, now or a little later; not at all when nobody waits for the answer any more. */
export type ReadPace = (request: IncomingMessage, response: ServerResponse, handler: RequestListener) => void;

/** Creates the pace of one process. */
export function createReadPace(clock: Clock, isBusy: () => boolean): ReadPace {
  /** When the next request of an address is due. */
  const due = new Map<string, number>();
  const piled = new WeakMap<object, number>();

  return (request, response, handler) => {
    const { address, connection } = toClient(request);
    const now = clock();
    const at = Math.max(now - usual.burstMs, due.get(address) ?? 0);
    if (due.size >= maxAddresses) due.clear();
    due.set(address, Math.min(at + usual.eachMs, now + usual.longestMs));
    if (at <= now || !isBusy()) return void handler(request, response);
    const waiting = (piled.get(connection) ?? 0) + 1;
    if (waiting > maxPiled) return void request.socket.destroy();
    piled.set(connection, waiting);
    setTimeout(() => {
      piled.set(connection, (piled.get(connection) ?? 1) - 1);
      if (!response.destroyed) handler(request, response);
    }, at - now);
  };
}
