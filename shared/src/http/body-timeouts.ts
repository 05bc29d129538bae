/**
 * Requests whose bodies are not whole yet: each has a short time, all together have a bound, and none has a place.
 *
 * At the bound the one that waits longest has to go, of the address that has most of them: whoever sends a body in one
 * piece is never in the way of anybody and never turned away for others.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toAddress } from './fair-share.ts';

/** Why a request is not waited for any longer. */
export type AbortReason = 'too-slow' | 'too-many';

/** From the end of the headers to the end of the body. */
export const bodyMs = 2500;
/** Bodies that may be unfinished at once; at 100 kB each. */
export const maxUnfinished = 256;

/** Watches one request until its body is whole; `end` answers it otherwise. */
export type WatchBody = (request: IncomingMessage, response: ServerResponse) => void;

/** Creates the watch. */
export function watchBodies(
  end: (request: IncomingMessage, response: ServerResponse, why: AbortReason) => void,
): WatchBody {
  /** By address, the oldest first. */
  const waiting = new Map<string, Set<(why: AbortReason) => void>>();
  let count = 0;

  return (request, response) => {
    const address = toAddress(request.socket.remoteAddress);
    const own = waiting.get(address) ?? new Set();
    // What came while the process was held up is read before anybody is called too slow.
    const timer = setTimeout(() => setImmediate(give, 'too-slow'), bodyMs);
    waiting.set(address, own.add(give));
    count += 1;
    request.once('end', leave);
    response.once('close', leave);
    if (count > maxUnfinished) giveUpOne();

    function leave(): void {
      if (!own.delete(give)) return;
      clearTimeout(timer);
      count -= 1;
      if (own.size === 0) waiting.delete(address);
    }

    function give(why: AbortReason): void {
      if (!own.has(give)) return;
      leave();
      if (!response.writableEnded) end(request, response, why);
    }
  };

  function giveUpOne(): void {
    let most: Set<(why: AbortReason) => void> | undefined;
    for (const own of waiting.values()) if (own.size > (most?.size ?? 0)) most = own;
    const [oldest] = most ?? [];
    oldest?.('too-many');
  }
}
