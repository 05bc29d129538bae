/**
 * Reads a stream of server-sent events until it is ended: it reconnects after a loss, silence or refusal, and asks for
 * what it missed (`Last-Event-ID`).
 *
 * Every `data` must be JSON.
 */
import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** One message; `event` is `message` when the stream names none. */
export interface StreamMessage {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
  /** `data` as received: JSON, possibly with line breaks. */
  readonly text: string;
}

/** What to read, and the callbacks. */
export interface StreamReading {
  readonly url: string;
  readonly onMessage: (message: StreamMessage) => void;
  /** Called after each attempt that ended, with the cause. */
  readonly onLost?: (why: string) => void;
  /** The id to begin behind. */
  readonly lastId?: string;
  /** Wait before the second attempt; doubles up to `longestWaitMs`, begins anew after a message. @default 250 */
  readonly firstWaitMs?: number;
  /** Longest wait between two attempts. @default 2000 */
  readonly longestWaitMs?: number;
  /** A connection without a byte for this time is closed; streams send a heartbeat every 2 s. @default 6000 */
  readonly silentMs?: number;
}

/** The largest message that is read, in characters; a snapshot has some hundred thousand. */
const maxBufferSize = 8_000_000;

/** Begins to read; returns the function that ends it, after which no callback is called. */
export function readStream(reading: StreamReading): () => void {
  const ending = new AbortController();
  void readForever(reading, ending.signal);
  return () => ending.abort();
}

async function readForever(reading: StreamReading, ending: AbortSignal): Promise<void> {
  const { url, onMessage, onLost, firstWaitMs = 250, longestWaitMs = 2_000, silentMs = 6_000 } = reading;
  let lastId: string | undefined = reading.lastId || undefined;
  let waitMs = firstWaitMs;
  const take = (message: EventSourceMessage) => {
    const data: unknown = JSON.parse(message.data);
    waitMs = firstWaitMs;
    lastId = message.id ?? lastId;
    if (!ending.aborted)
      onMessage({ event: message.event ?? 'message', id: message.id, data, text: message.data });
  };

  while (!ending.aborted) {
    const why = await readOnce({ url, lastId, silentMs, ending, take }).catch(toWords);
    if (ending.aborted) return;
    onLost?.(why);
    await wait(waitMs, undefined, { signal: ending }).catch(() => undefined);
    waitMs = Math.min(waitMs * 2, longestWaitMs);
  }
}

/** Reads one connection to its end; returns why it ended. */
async function readOnce({
  url,
  lastId,
  silentMs,
  ending,
  take,
}: {
  url: string;
  lastId: string | undefined;
  silentMs: number;
  ending: AbortSignal;
  take: (message: EventSourceMessage) => void;
}): Promise<string> {
  const silence = new AbortController();
  const watch = setTimeout(() => silence.abort(new Error(`silent for ${silentMs / 1000} s`)), silentMs);
  try {
    const response = await open(url, lastId, AbortSignal.any([ending, silence.signal]));
    const type = response.headers['content-type'] ?? 'nothing';
    if (response.statusCode !== 200 || !type.startsWith('text/event-stream')) {
      response.destroy();
      return response.statusCode === 200
        ? `answered ${type}, not a stream`
        : `answered ${response.statusCode}`;
    }
    const parser = createParser({ onEvent: take, maxBufferSize });
    response.setEncoding('utf8');
    for await (const text of response) {
      watch.refresh();
      parser.feed(text);
    }
    return 'ended the stream';
  } catch (error) {
    // The reason of the abort says more than the error of the connection.
    throw silence.signal.aborted ? silence.signal.reason : error;
  } finally {
    clearTimeout(watch);
  }
}

/** Not `fetch`: its streams take twice the processor time for hundreds of small messages a second. */
function open(url: string, lastId: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  const get = url.startsWith('https:') ? getSecure : getPlain;
  const headers = {
    Accept: 'text/event-stream',
    ...(lastId === undefined ? {} : { 'Last-Event-ID': lastId }),
  };
  return new Promise((resolve, reject) => {
    get(url, { headers, signal }, resolve).on('error', reject);
  });
}

function toWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
