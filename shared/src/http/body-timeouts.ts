/**
 * Bounds requests whose bodies are incomplete: a short time for each, a number for all. None of them holds a place.
 *
 * Above the number, the oldest of the address with the most is refused, so that a client that sends its body in one
 * piece is never refused because of others.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toAddress } from './fair-share.ts';

/** Why an incomplete request is ended. */
export type AbortReason = 'too-slow' | 'too-many';

/** From the end of the headers to the end of the body. */
export const bodyMs = 2500;
/** Most incomplete bodies at once, of 100 kB each. */
export const maxUnfinished = 256;

/** Watches one request until its body is complete. */
export type WatchBody = (request: IncomingMessage, response: ServerResponse) => void;

/** Creates the watch; `end` answers a request that was too slow, or one of too many. */
export function watchBodies(
  end: (request: IncomingMessage, response: ServerResponse, why: AbortReason) => void,
): WatchBody {
  /** The watched requests by address, the oldest first. */
  const waiting = new Map<string, Set<(why: AbortReason) => void>>();
  let count = 0;

  return (request, response) => {
    const address = toAddress(request.socket.remoteAddress);
    const own = waiting.get(address) ?? new Set();
    // Data that arrived while the event loop was blocked is read before the request counts as too slow.
    const timer = setTimeout(() => setImmediate(abort, 'too-slow'), bodyMs);
    waiting.set(address, own.add(abort));
    count += 1;
    request.once('end', leave);
    response.once('close', leave);
    if (count > maxUnfinished) abortOldest();

    function leave(): void {
      if (!own.delete(abort)) return;
      clearTimeout(timer);
      count -= 1;
      if (own.size === 0) waiting.delete(address);
    }

    function abort(why: AbortReason): void {
      if (!own.has(abort)) return;
      leave();
      if (!response.writableEnded) end(request, response, why);
    }
  };

  function abortOldest(): void {
    let most: Set<(why: AbortReason) => void> | undefined;
    for (const own of waiting.values()) if (own.size > (most?.size ?? 0)) most = own;
    const [oldest] = most ?? [];
    oldest?.('too-many');
  }
}
