/**
 * Reads a stream of server-sent events for as long as it is wanted: a connection that is lost, silent or refused is
 * made again, and asks for what it missed (`Last-Event-ID`).
 *
 * What the messages mean is the reader's business; every `data` must be JSON.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** One message; `event` is `message` when the stream names none. */
export interface StreamMessage {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
  /** `data` as it came: JSON, but with its own line breaks. */
  readonly text: string;
}

/** What to read, and whom to tell. */
export interface StreamReading {
  readonly url: string;
  readonly onMessage: (message: StreamMessage) => void;
  /** Called after each attempt that ended, with the cause in a few words. */
  readonly onLost?: (why: string) => void;
  /** Wait before the second attempt; doubles up to `longestWaitMs`, begins anew after a message. @default 250 */
  readonly firstWaitMs?: number;
  /** Longest wait between two attempts. @default 2000 */
  readonly longestWaitMs?: number;
  /** A connection without a byte for so long is given up; streams send a heartbeat every 2 s. @default 6000 */
  readonly silentMs?: number;
}

/** The largest message that is read, in characters; a snapshot has some hundred thousand. */
const maxBufferSize = 8_000_000;

/** Begins to read; answers the way to end it, after which nobody is told anything. */
export function readStream(reading: StreamReading): () => void {
  const ending = new AbortController();
  void readForever(reading, ending.signal);
  return () => ending.abort();
}

async function readForever(reading: StreamReading, ending: AbortSignal): Promise<void> {
  const { url, onMessage, onLost, firstWaitMs = 250, longestWaitMs = 2_000, silentMs = 6_000 } = reading;
  let lastId: string | undefined;
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

/** Reads one connection to its end; answers why it ended. */
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
    const response = await fetch(url, {
      headers: { Accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'Last-Event-ID': lastId }) },
      redirect: 'error',
      signal: AbortSignal.any([ending, silence.signal]),
    });
    const type = response.headers.get('Content-Type') ?? 'nothing';
    if (response.status !== 200 || !type.startsWith('text/event-stream') || response.body === null) {
      await response.body?.cancel();
      return response.status === 200 ? `answered ${type}, not a stream` : `answered ${response.status}`;
    }
    const parser = createParser({ onEvent: take, maxBufferSize });
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      watch.refresh();
      parser.feed(text);
    }
    return 'ended the stream';
  } finally {
    clearTimeout(watch);
  }
}

/** `fetch` hides the cause of a failed connection one level down. */
function toWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
