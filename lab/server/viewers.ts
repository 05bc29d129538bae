/**
 * The pages that are open: everything is sent to all of them, made once.
 *
 * A page that cannot keep up loses ticks first, since the next one says the same better; with a megabyte waiting for
 * it, or after 15 s without a tick, it is cut off, and comes back by itself with the id of its last event.
 */
import type { ServerResponse } from 'node:http';
import { UnavailableError } from '@holdfast/shared/core/errors.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';

/** The open pages. */
export interface Viewers {
  /**
   * Opens a stream that begins with `first`.
   * @throws {UnavailableError} when all places are taken.
   */
  open(response: ServerResponse, first: string): void;
  /** Sends to all, together with whatever else comes within a moment. */
  send(message: string): void;
  /** Sends to those that keep up, after what was sent before. */
  sendTick(message: string): void;
  count(): number;
  close(): void;
}

/** Streams that may be open at once. */
const maxStreams = 50;
/** What comes within this time goes out in one piece: hundreds of steps a second would be as many system calls. */
const togetherMs = 40;
/** Bytes that may wait for a page that still gets ticks. */
const tickBacklogBytes = 65_536;
/** Bytes that may wait for a page at all. */
const maxBacklogBytes = 1_000_000;
/** A page that is behind for so long without a break is gone, or keeps a place from others. */
const longestBehindMs = 15_000;

/** Creates the list; it begins empty. */
export function createViewers(clock: Clock): Viewers {
  /** Each with the moment since when it is behind. */
  const streams = new Map<ServerResponse, number | undefined>();
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;

  return {
    open(response, first) {
      if (streams.size >= maxStreams) {
        throw new UnavailableError('overloaded', `${maxStreams} pages are open already; close one of them.`, {
          retryAfterMs: 5000,
        });
      }
      response.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      flush(); // it is in the snapshot
      streams.set(response, undefined);
      response.once('close', () => streams.delete(response));
      response.write(`retry: 1000\n\n${first}`);
    },
    send(message) {
      if (streams.size === 0) return;
      waiting += message;
      timer ??= setTimeout(flush, togetherMs);
    },
    sendTick(message) {
      flush();
      for (const [stream, behindSince] of streams) {
        const isBehind = stream.writableLength >= tickBacklogBytes;
        const since = isBehind ? (behindSince ?? clock()) : undefined;
        streams.set(stream, since);
        if (since === undefined) write(stream, message);
        else if (clock() - since > longestBehindMs) stream.destroy();
      }
    },
    count: () => streams.size,
    close() {
      flush();
      for (const stream of streams.keys()) stream.end();
    },
  };

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting === '') return;
    for (const stream of streams.keys()) write(stream, waiting);
    waiting = '';
  }

  function write(stream: ServerResponse, message: string): void {
    if (stream.writableLength > maxBacklogBytes) stream.destroy();
    else stream.write(message);
  }
}

/** Writes one message of a stream; `data` is JSON in one line. */
export function toMessage(event: string, data: string, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
}
