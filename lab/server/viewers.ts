/**
 * The open pages: each message is serialised once and sent to all of them. When all places are taken, an address that
 * holds many gives one to an address with fewer.
 *
 * A slow page loses ticks first, since the next tick replaces them; with a backlog of a megabyte, or after 15 s without
 * a tick, it is disconnected, and reconnects with the id of its last event.
 */
import type { ServerResponse } from 'node:http';
import { UnavailableError } from '@holdfast/shared/core/errors.ts';
import { toAddress } from '@holdfast/shared/http/fair-share.ts';
import { toReplaced } from '@holdfast/shared/http/stream-places.ts';
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

interface Stream {
  readonly response: ServerResponse;
  readonly address: string;
  /** Since when it is behind. */
  behindSince: number | undefined;
}

/** Creates the list; it begins empty. */
export function createViewers(clock: Clock): Viewers {
  const streams = new Map<ServerResponse, Stream>();
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;

  return {
    open(response, first) {
      const address = toAddress(response.req.socket.remoteAddress);
      const other = streams.size < maxStreams ? undefined : toReplaced(streams.values(), address);
      if (streams.size >= maxStreams && other === undefined) {
        throw new UnavailableError('overloaded', `${maxStreams} pages are open already; close one of them.`, {
          retryAfterMs: 5000,
        });
      }
      other?.response.destroy();
      response.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      flush(); // the snapshot contains it
      if (other !== undefined) streams.delete(other.response);
      streams.set(response, { response, address, behindSince: undefined });
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
      for (const stream of streams.values()) {
        const { response } = stream;
        const isBehind = response.writableLength >= tickBacklogBytes;
        stream.behindSince = isBehind ? (stream.behindSince ?? clock()) : undefined;
        if (stream.behindSince === undefined) write(response, message);
        else if (clock() - stream.behindSince > longestBehindMs) response.destroy();
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
