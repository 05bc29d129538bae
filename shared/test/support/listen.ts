/** Listens to a stream of server-sent events, for tests that wait for what a service says. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { until } from '../../src/core/until.ts';

/** One event as it came. */
export interface ReceivedEvent {
  readonly event: string;
  readonly id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into any of the shapes of observability/wire.ts
  readonly data: any;
}

/** An open stream of events. */
export interface EventStream {
  readonly received: readonly ReceivedEvent[];
  /** Waits for an event of this kind that `isIt`, also among those that came already. */
  waitFor(event: string, isIt?: (data: ReceivedEvent['data']) => boolean): Promise<ReceivedEvent>;
  /** Resolves when the other side has ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Connects; with `lastEventId` as a client that comes back. */
export async function listen(url: string, lastEventId?: string): Promise<EventStream> {
  const abort = new AbortController();
  const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
  const response = await fetch(`${url}/events`, { headers, signal: abort.signal });
  const received: ReceivedEvent[] = [];
  const parser = createParser({
    onEvent: ({ event = 'message', id, data }: EventSourceMessage) =>
      void received.push({ event, id, data: JSON.parse(data) }),
  });
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
  })().catch(() => undefined);
  return {
    received,
    waitFor: (event, isIt = () => true) =>
      until(`the stream says ${event}`, () => received.find((one) => one.event === event && isIt(one.data))),
    ended,
    close: () => abort.abort(),
  };
}
