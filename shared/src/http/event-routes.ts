/**
 * `GET /events`: what happens in this service, as server-sent events (WHATWG HTML, 9.2).
 *
 * First a `snapshot`, then the events that the listener missed, then each event as it happens; a `tick` four times a
 * second and a `heartbeat` every two seconds. With `?calls=1` also `calls`: every single call to the next hop. Nothing is computed without listeners. A slow listener loses ticks first
 * and its connection in the end, so that it never delays the service.
 */
import type { Request, RequestHandler, Response } from 'express';
import { UnavailableError } from '../core/errors.ts';
import type { DocumentStep } from '../observability/events.ts';
import type { Stream } from '../observability/stream.ts';
import type {
  ServiceIdentity,
  ServiceStatus,
  SingleCall,
  SingleCalls,
  Snapshot,
  StreamEntry,
  Tick,
} from '../observability/wire.ts';
import type { BreakerCall } from '../resilience/breaker-events.ts';
import type { Clock } from '../resilience/deadline.ts';
import { toAddress } from './fair-share.ts';
import type { Routes } from './route-table.ts';
import { toReplaced } from './stream-places.ts';

/** What the stream is made of. */
export interface EventRoutesOptions {
  readonly stream: Stream;
  readonly status: () => ServiceStatus;
  readonly identity: ServiceIdentity;
  /** The name of a document's step on the stream: that of its resource. */
  readonly stepName: string;
  /** Passes on each call through a breaker from now on; the returned function ends it. */
  readonly onCall: (listener: (call: BreakerCall) => void) => () => void;
  readonly clock: Clock;
}

/** The routes, and the way to end every connection when the service stops. */
export interface EventRoutes {
  readonly routes: Routes;
  close(): void;
}

const tickMs = 250;
const heartbeatMs = 2000;
/** Steps of documents that one listener gets between two ticks, and most that wait for the next ticks. */
const stepsPerTick = 25;
const maxWaiting = 200;
/** Single calls that a listener gets with a tick; further ones are counted. */
const callsPerTick = 1000;
const historyInSnapshot = 100;
const maxListeners = 32;
/** Unsent bytes of a listener above which it gets no ticks, and above which it is disconnected. */
const backlog = { slow: 65_536, dropped: 1_048_576 } as const;
/** A listener that is slow for so long is disconnected too, because it takes a place from others. */
const longestSlowMs = 15_000;

interface Listener {
  readonly response: Response;
  readonly address: string;
  stepsLeft: number;
  /** The newest steps above the limit of a tick, the oldest first. */
  readonly waiting: DocumentStep[];
  /** Steps that were dropped because too many waited. */
  skipped: number;
  /** Since when it has been slow without interruption. */
  slowSince: number | undefined;
  /** Single calls since the last tick; absent when it did not ask for them. */
  calls: SingleCall[] | undefined;
  callsDropped: number;
  readonly leave: () => void;
}

/** Creates the routes; timers run only while there are listeners. */
export function eventRoutes(options: EventRoutesOptions): EventRoutes {
  const { stream, status, identity, stepName, onCall, clock } = options;
  const listeners = new Set<Listener>();
  let timers: NodeJS.Timeout[] = [];

  const listen: RequestHandler = (request, response) => {
    const address = toAddress(request.socket.remoteAddress);
    if (listeners.size >= maxListeners) {
      const other = toReplaced(listeners, address);
      if (other === undefined) {
        throw new UnavailableError('overloaded', `All ${maxListeners} places for listeners are taken.`, {
          retryAfterMs: 5000,
        });
      }
      other.leave();
      other.response.end();
    }
    // Set and not written: measure-requests.ts reads the type.
    response.set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    if (request.method === 'HEAD') return void response.end();
    response.write('retry: 1000\n\n');
    greet(response, lastIdOf(request));
    add(response, address, request.query.calls === '1');
  };

  return {
    routes: { '/events': { GET: [listen] } },
    close() {
      for (const { response, leave } of [...listeners]) {
        leave();
        response.end();
      }
    },
  };

  function greet(response: Response, seenId: string | undefined): void {
    const missed = seenId === undefined ? { entries: [], gap: false } : stream.after(seenId);
    const snapshot: Snapshot = {
      ...status(),
      lastId: stream.lastId(),
      gap: missed.gap,
      history: stream.entries(historyInSnapshot),
      documents: stream.steps(),
    };
    // Before a replay the client keeps its own id: if the connection breaks meanwhile, it asks for the rest again.
    write(response, 'snapshot', snapshot, missed.entries.length === 0 ? snapshot.lastId : undefined);
    for (const entry of missed.entries) writeEntry(response, entry);
  }

  function add(response: Response, address: string, isEachCall: boolean): void {
    const listener: Listener = {
      response,
      address,
      stepsLeft: stepsPerTick,
      waiting: [],
      skipped: 0,
      slowSince: undefined,
      calls: isEachCall ? [] : undefined,
      callsDropped: 0,
      leave,
    };
    const unlisten = stream.listen({
      entry: (entry) => writeEntry(response, entry),
      step: (step) => writeStep(listener, step),
    });
    const uncall = isEachCall ? onCall((call) => keepCall(listener, call)) : undefined;
    listeners.add(listener);
    if (listeners.size === 1) startTimers();
    response.once('close', leave);

    function leave(): void {
      unlisten();
      uncall?.();
      listeners.delete(listener);
      if (listeners.size === 0) stopTimers();
    }
  }

  function writeStep(listener: Listener, step: DocumentStep): void {
    if (listener.stepsLeft === 0) {
      listener.waiting.push(step);
      if (listener.waiting.length <= maxWaiting) return;
      listener.waiting.shift();
      listener.skipped += 1;
      return;
    }
    listener.stepsLeft -= 1;
    write(listener.response, stepName, { ...identity, ...step });
  }

  function tick(): void {
    const now = status();
    for (const listener of listeners) {
      const { skipped } = listener;
      if (listener.response.writableLength > backlog.slow) {
        listener.slowSince ??= clock();
        if (clock() - listener.slowSince > longestSlowMs) listener.response.destroy();
        continue;
      }
      listener.slowSince = undefined;
      listener.stepsLeft = stepsPerTick;
      listener.skipped = 0;
      const content: Tick = { ...now, skipped };
      write(listener.response, 'tick', content);
      writeCalls(listener);
      for (const step of listener.waiting.splice(0, stepsPerTick)) writeStep(listener, step);
    }
  }

  function writeCalls(listener: Listener): void {
    const { calls, callsDropped: dropped } = listener;
    if (calls === undefined || calls.length + dropped === 0) return;
    listener.calls = [];
    listener.callsDropped = 0;
    write(listener.response, 'calls', { ...identity, calls, dropped } satisfies SingleCalls);
  }

  function startTimers(): void {
    timers = [
      setInterval(tick, tickMs),
      setInterval(() => {
        for (const { response } of listeners) write(response, 'heartbeat', { at: Math.round(clock()) });
      }, heartbeatMs),
    ];
    for (const timer of timers) timer.unref();
  }

  function stopTimers(): void {
    for (const timer of timers) clearInterval(timer);
    timers = [];
  }
}

function keepCall(listener: Listener, call: BreakerCall): void {
  const { name, at, durationMs: ms, outcome, error, retry } = call;
  if (listener.calls === undefined || listener.calls.length >= callsPerTick) listener.callsDropped += 1;
  else {
    const code = error?.code ?? null;
    listener.calls.push({ name, at, ms, outcome, error: code, ...(retry ? { retry } : {}) });
  }
}

function writeEntry(response: Response, entry: StreamEntry): void {
  write(response, entry.event, entry, entry.id);
}

/** JSON contains no line breaks, so one `data` line is enough. */
function write(response: Response, event: string, content: object, id?: string): void {
  if (response.writableLength > backlog.dropped) {
    response.destroy();
    return;
  }
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  response.write(`event: ${event}\n${idLine}data: ${JSON.stringify(content)}\n\n`);
}

function lastIdOf(request: Request): string | undefined {
  const { lastEventId } = request.query;
  return request.get('last-event-id') ?? (typeof lastEventId === 'string' ? lastEventId : undefined);
}
