/**
 * The open pages: each message is serialised once and sent to all of them.
 *
 * A slow page loses ticks first, since the next tick replaces them; with a backlog of a megabyte, or after 15 s without
 * a tick, it is disconnected, and reconnects with the id of its last event.
 */
import type { ServerResponse } from 'node:http';
import { UnavailableError } from '@holdfast/shared/core/errors.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';

/** The open pages. */
export interface Viewers {
  /**
   * Opens a stream that begins with `first`.
   * @throws {UnavailableError} when all streams are taken.
   */
  open(response: ServerResponse, first: string): void;
  /** Sends to all, batched with other messages. */
  send(message: string): void;
  /** Sends to pages without a backlog, after earlier messages. */
  sendTick(message: string): void;
  count(): number;
  close(): void;
}

/** Streams that may be open at once. */
const maxStreams = 50;
/** Messages within this time are written at once: hundreds of steps a second would be as many system calls. */
const togetherMs = 40;
/** Backlog in bytes up to which a page gets ticks. */
const tickBacklogBytes = 65_536;
/** Backlog in bytes at which a page is disconnected. */
const maxBacklogBytes = 1_000_000;
/** A page that is behind for this time without a break is disconnected. */
const longestBehindMs = 15_000;

/** Creates the list; it begins empty. */
export function createViewers(clock: Clock): Viewers {
  /** Each stream with the time since when it is behind. */
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
      flush(); // the snapshot contains it
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
