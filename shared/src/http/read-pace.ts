/**
 * Limits the rate of reads of one address while creates are in work: faster ones are answered a little later.
 *
 * Even a refusal takes time of the process, and a client that repeats at once on all its connections would take most of
 * it; a delay costs nothing. Nothing is refused here, so that a health check from the same address is only late.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../resilience/deadline.ts';
import { toClient } from './fair-share.ts';

/** Milliseconds between two requests of one address; unused time that adds up for a burst; the longest delay. */
const usual = { eachMs: 5, burstMs: 500, longestMs: 250 } as const;
/** A connection with more delayed requests pipelines them without reading answers, and is closed. */
const maxPiled = 16;
/** Above this number all addresses are forgotten, which gives each at most another burst. */
const maxAddresses = 4096;

/** Calls the handler now or a little later; not at all when the client has disconnected. */
export type ReadPace = (request: IncomingMessage, response: ServerResponse, handler: RequestListener) => void;

/** Creates the pace of one process. */
export function createReadPace(clock: Clock, isBusy: () => boolean): ReadPace {
  /** When the next request of each address is due. */
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
