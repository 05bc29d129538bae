/**
 * Bounds the requests in work, in the raw server: before Express and before a body is read.
 *
 * Requests from outside are under the adaptive limit; proven requests of hops have a fixed limit of their own, so that
 * work that the chain has begun goes before new work. A place is taken when the body is complete and held until the
 * work and the response have both ended: a client that disconnects frees nothing while its work goes on.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { RequestError, UnavailableError } from '../core/errors.ts';
import { toProblem } from '../core/problem.ts';
import type { Phase } from '../observability/health.ts';
import type { RequestMeter } from '../observability/request-meter.ts';
import type { ChainGate } from '../proof/chain-gate.ts';
import type { Clock } from '../resilience/deadline.ts';
import { createAdaptiveLimit } from './adaptive-limit.ts';
import { type AbortReason, bodyMs, maxUnfinished, watchBodies } from './body-timeouts.ts';
import { createFairShare, toClient } from './fair-share.ts';
import { createReadPace } from './read-pace.ts';
import { createRefusalPace } from './refusal-pace.ts';
import { toRequestId } from './request-id.ts';
import { sendProblem } from './send.ts';

/** What admission is made of. */
export interface AdmissionOptions {
  readonly service: string;
  /** Most requests from outside that may be in work at once, whatever the limit finds; minimum 1. */
  readonly max: number;
  /** Longest time of one request; the limit aims at a fraction of it. */
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
  /** Numbers from 0 to 1, 1 excluded, for jitter. */
  readonly random: () => number;
  readonly phase: () => Phase;
  /** Recognizes the requests of hops. */
  readonly chain: Pick<ChainGate, 'isProven'>;
  /** Counts the admitted requests. */
  readonly meter: Pick<RequestMeter, 'begin' | 'end'>;
}

/** Work for a request whose body was read. */
export type Work<Q extends IncomingMessage, S extends ServerResponse> = (
  request: Q,
  response: S,
) => Promise<void>;

/** Admits or refuses requests. */
export interface Admission {
  /** Refuses a POST when there is no room. All else passes, at a bounded pace (read-pace.ts). */
  guard(handler: RequestListener): RequestListener;
  /** Runs `work` in a place that is held until it and the response have ended, or refuses the request. */
  hold<Q extends IncomingMessage, S extends ServerResponse>(work: Work<Q, S>): Work<Q, S>;
  /** Whether a request is in work or was within the last 250 ms: reads wait for it. */
  isBusy(): boolean;
}

/** The mean latency to aim at, as a share of the longest time of a request, and at least this. */
const targetRatio = 1 / 20;
const leastTargetMs = 200;
/**
 * The lowest limit. Below it the database's groups of writes are small, and a slow machine does less without being
 * faster; and requests that are slow for another reason than load (an instance restarts, a neighbour is away) need room.
 * One address may hold three quarters of the places, so that 64 clients behind one are not refused.
 */
const leastPlaces = 88;
/** Hops repeat by their own timer; for clients the wait is spread, so that they do not all return at once. */
const retryAfter = { hopMs: 1000, leastMs: 1000, spreadMs: 3000 } as const;

/** For so long after a refusal requests may have waited for longer than their clients: see `nextTurn`. */
const refusingMs = 1000;

/** The service counts as idle for reads after so long without work: a few creates a second leave no gap. */
const busyMs = 250;

/** Creates the admission of one service. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { service, max, clock, phase, chain, meter } = options;
  const targetMs = Math.max(leastTargetMs, options.requestTimeoutMs * targetRatio);
  const limit = createAdaptiveLimit({ max, min: leastPlaces, targetMs, clock });
  const share = createFairShare(clock);
  const hopRoom = max * 2;
  const pace = createReadPace(clock, isBusy);
  const paceRefusal = createRefusalPace(clock);
  let outer = 0;
  let inner = 0;
  let endedAt = Number.NEGATIVE_INFINITY;
  let refusedAt = Number.NEGATIVE_INFINITY;
  const watchBody = watchBodies((request, response, why) => {
    response.setHeader('Connection', 'close');
    refuse(request, response, service, toEnd(why));
  });
  const refuseFull = createFullRefusal(service);

  return {
    guard: (handler) => (request, response) => {
      request.headers['x-request-id'] = toRequestId(request.headers['x-request-id']);
      if (request.method === 'GET' || request.method === 'HEAD') return pace(request, response, handler);
      if (request.method !== 'POST') return pace(request, response, withWatchedBody(handler));
      if (phase() === 'starting') return refuse(request, response, service, isStarting());
      const isHop = chain.isProven(request);
      if (!hasRoom(request, isHop)) return refuseForRoom(request, response, isHop);
      return withWatchedBody(handler)(request, response);
    },

    hold: (work) => async (request, response) => {
      if (clock() - refusedAt < refusingMs) await nextTurn();
      // The body came too slowly and was answered, or the client has left: no work has begun.
      if (response.writableEnded || request.socket.destroyed || request.socket.readableEnded) return;
      const isHop = chain.isProven(request);
      if (!hasRoom(request, isHop)) return refuseForRoom(request, response, isHop);
      const leave = take(request, isHop);
      const closed = new Promise<void>((resolve) => {
        if (response.closed) resolve();
        else response.once('close', resolve);
      });
      try {
        await work(request, response);
      } finally {
        void closed.then(leave);
      }
    },
    isBusy,
  };

  function withWatchedBody(handler: RequestListener): RequestListener {
    return (request, response) => {
      watchBody(request, response);
      return handler(request, response);
    };
  }

  function isBusy(): boolean {
    return outer + inner > 0 || clock() - endedAt < busyMs;
  }

  function hasRoom(request: IncomingMessage, isHop: boolean): boolean {
    if (isHop) return inner < hopRoom;
    if (outer < share.roomFor(toClient(request), limit.value())) return true;
    limit.reached();
    refusedAt = clock();
    return false;
  }

  function take(request: IncomingMessage, isHop: boolean): () => void {
    meter.begin();
    if (isHop) {
      inner += 1;
      return () => {
        inner -= 1;
        endedAt = clock();
        meter.end();
      };
    }
    const end = limit.begin();
    const release = share.take(toClient(request));
    outer += 1;
    if (outer >= limit.value()) limit.reached();
    return () => {
      outer -= 1;
      endedAt = clock();
      release();
      end();
      meter.end();
    };
  }

  function refuseForRoom(request: IncomingMessage, response: ServerResponse, isHop: boolean): void {
    if (isHop) {
      refuseFull(request, response, hopRoom, retryAfter.hopMs / 1000);
      return;
    }
    const waitMs = retryAfter.leastMs + options.random() * retryAfter.spreadMs;
    paceRefusal(request.socket, () => {
      if (!response.destroyed) refuseFull(request, response, limit.value(), Math.floor(waitMs / 1000));
    });
  }
}

/** Passes a turn of the event loop: only after it is known that a client closed its connection behind its request. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

function isStarting(): UnavailableError {
  return new UnavailableError('starting', 'The service is starting and waits for its database.', {
    retryAfterMs: 1000,
  });
}

function toEnd(why: AbortReason): UnavailableError | RequestError {
  if (why === 'too-slow') {
    return new RequestError('too-slow', `The body was not whole ${bodyMs / 1000} s after the headers.`);
  }
  return new UnavailableError('overloaded', `More than ${maxUnfinished} bodies are unfinished.`, {
    retryAfterMs: 1000,
  });
}

/**
 * Refuses for lack of room with a body prepared in advance, since an overloaded service does this most often. Only the
 * number of places and the request's id differ, and the id needs no escapes.
 */
function createFullRefusal(service: string) {
  let made = { room: -1, head: '' };
  return (request: IncomingMessage, response: ServerResponse, room: number, seconds: number): void => {
    if (made.room !== room) made = { room, head: toHead(service, room) };
    const requestId = `${request.headers['x-request-id']}`;
    const text = `${made.head}${requestId}"}`;
    response.writeHead(503, {
      'Retry-After': seconds,
      'Content-Type': 'application/problem+json',
      'Content-Length': text.length,
      'Cache-Control': 'no-store',
      'X-Request-Id': requestId,
    });
    response.end(text);
  };
}

function toHead(service: string, room: number): string {
  const full = new UnavailableError('overloaded', `All ${room} places for requests are taken.`, {
    retryAfterMs: 0,
  });
  return JSON.stringify({ ...toProblem(full, false).problem, service, requestId: '' }).slice(0, -2);
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  service: string,
  refusal: UnavailableError | RequestError,
): void {
  sendProblem(
    response,
    { service, requestId: `${request.headers['x-request-id']}` },
    toProblem(refusal, false),
  );
}
