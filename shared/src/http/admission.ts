/**
 * Bounds the work in front of everything: in the raw server, before Express and before a body is read.
 *
 * From outside come as many as the adaptive limit lets in; requests that prove to be a hop's have a hard cap of their
 * own, so that work that the chain has begun is finished before new work. A place is taken when the body is whole, and
 * held until work and response have both ended: a client that has left makes no room by leaving.
 */
import { randomUUID } from 'node:crypto';
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
import { sendProblem } from './send.ts';

/** What the doorman needs to know. */
export interface AdmissionOptions {
  readonly service: string;
  /** Most requests from outside that may be in work at once, whatever the limit finds; minimum 1. */
  readonly max: number;
  /** Longest time of one request; the limit aims at a small part of it. */
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
  /** Numbers from 0 to 1, 1 excluded, for jitter. */
  readonly random: () => number;
  readonly phase: () => Phase;
  /** Tells the requests of hops. */
  readonly chain: Pick<ChainGate, 'isProven'>;
  /** Counts the requests that are let in. */
  readonly meter: Pick<RequestMeter, 'begin' | 'end'>;
}

/** Work for a request whose body was read. */
export type Work<Q extends IncomingMessage, S extends ServerResponse> = (
  request: Q,
  response: S,
) => Promise<void>;

/** The doorman. */
export interface Admission {
  /** Turns away at the door what has no room. Only POST is work; probes and reading always pass. */
  guard(handler: RequestListener): RequestListener;
  /** Gives `work` a place until it and the response have ended, or refuses. */
  hold<Q extends IncomingMessage, S extends ServerResponse>(work: Work<Q, S>): Work<Q, S>;
  /** Whether something is in work, or was a moment ago: reading gives way to it. */
  isBusy(): boolean;
}

/** The mean latency that is aimed at, as a part of the longest one, and never less than this. */
const targetRatio = 1 / 20;
const leastTargetMs = 200;
/**
 * With fewer at once the database's groups of writes are small, and a slow machine does less and is hardly quicker. And
 * what is slow for other reasons than too much work (instances that restart, a neighbour that is away) must find room.
 * One address alone has three quarters of them: 64 patient clients behind one are never refused.
 */
const leastPlaces = 88;
/** Hops come again by a timer of their own; clients that were refused together must not come back together. */
const retryAfter = { hopMs: 1000, leastMs: 1000, spreadMs: 3000 } as const;

/** After so long without any work, reading has the process to itself: a few creates a second leave no gap. */
const busyMs = 250;

/** Creates the doorman of one service. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { service, max, clock, phase, chain, meter } = options;
  const targetMs = Math.max(leastTargetMs, options.requestTimeoutMs * targetRatio);
  const limit = createAdaptiveLimit({ max, min: leastPlaces, targetMs, clock });
  const share = createFairShare(clock);
  const hopRoom = max * 2;
  const pace = createReadPace(clock, isBusy);
  let outer = 0;
  let inner = 0;
  let endedAt = Number.NEGATIVE_INFINITY;
  const watchBody = watchBodies((request, response, why) => {
    response.setHeader('Connection', 'close');
    refuse(request, response, service, toEnd(why));
  });
  const refuseFull = createFullRefusal(service);

  return {
    guard: (handler) => (request, response) => {
      request.headers['x-request-id'] = toRequestId(request);
      if (request.method === 'GET' || request.method === 'HEAD') return pace(request, response, handler);
      if (request.method === 'POST') {
        if (phase() === 'starting') return refuse(request, response, service, isStarting());
        const isHop = chain.isProven(request);
        if (!hasRoom(request, isHop)) return turnAway(request, response, isHop);
      }
      watchBody(request, response);
      return handler(request, response);
    },

    hold: (work) => async (request, response) => {
      // Answered already because it came too slowly, or nobody is there to answer: nothing was begun.
      if (response.writableEnded || request.socket.destroyed) return;
      const isHop = chain.isProven(request);
      if (!hasRoom(request, isHop)) return turnAway(request, response, isHop);
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

  function isBusy(): boolean {
    return outer + inner > 0 || clock() - endedAt < busyMs;
  }

  function hasRoom(request: IncomingMessage, isHop: boolean): boolean {
    if (isHop) return inner < hopRoom;
    if (outer < share.roomFor(toClient(request), limit.value())) return true;
    limit.reached();
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
    const giveBack = share.take(toClient(request));
    outer += 1;
    if (outer >= limit.value()) limit.reached();
    return () => {
      outer -= 1;
      endedAt = clock();
      giveBack();
      end();
      meter.end();
    };
  }

  function turnAway(request: IncomingMessage, response: ServerResponse, isHop: boolean): void {
    const waitMs = isHop ? retryAfter.hopMs : retryAfter.leastMs + options.random() * retryAfter.spreadMs;
    refuseFull(request, response, isHop ? hopRoom : limit.value(), Math.floor(waitMs / 1000));
  }
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
 * Refuses for want of room with what was made before: under overload this is what a service does most. Only the number
 * of places and the request's id differ, and the id needs no escapes.
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

/** The caller's request id when it is harmless, else a fresh one. */
function toRequestId(request: IncomingMessage): string {
  const header = request.headers['x-request-id'];
  return typeof header === 'string' && /^[A-Za-z0-9._:-]{1,64}$/.test(header) ? header : randomUUID();
}
