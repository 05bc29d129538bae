/**
 * Bounds reads: few at once of each kind, and at a rate that leaves the process time for creates.
 *
 * A place is held until the work and the response have both ended, so that clients gain nothing by disconnecting or by
 * reading slowly. Addresses share the places and are served in turn. A refusal comes at once. All numbers are in the
 * table below.
 */
import type { Request, RequestHandler, Response } from 'express';
import { UnavailableError } from '../core/errors.ts';
import { type Clock, monotonicClock } from '../resilience/deadline.ts';
import { createFairQueue } from './fair-queue.ts';
import { type Client, createFairShare, toClient } from './fair-share.ts';

/** The bounds of one kind of read. */
export interface ReadBound {
  /** The kind in words, for messages. */
  readonly what: string;
  /** How many at once, waiting and sending ones included. */
  readonly places: number;
  /** How many run at once while creates are in work. */
  readonly beside: number;
  /** Milliseconds between the starts of two, beyond a short burst. */
  readonly eachMs: number;
  /** Milliseconds by which an answered megabyte delays the next read. */
  readonly msPerMegabyte: number;
  /** While creates are in work, a read delays the next one by so many times its duration or the delay of its bytes. */
  readonly restTimes: number;
  /** The longest such delay in milliseconds: what a slow database takes is not the time of this process. */
  readonly longestRestMs: number;
  /** How long a client may take to receive an answer. */
  readonly sendMs: number;
  readonly retryAfterMs: number;
}

const usual = { beside: 2, restTimes: 4, longestRestMs: 250, sendMs: 10_000, retryAfterMs: 1000 } as const;

/** The bounds, by kind. */
export const readBounds = {
  list: {
    ...usual,
    beside: 1,
    restTimes: 2,
    longestRestMs: 1000,
    what: 'lists',
    places: 8,
    eachMs: 2,
    msPerMegabyte: 250,
  },
  read: { ...usual, longestRestMs: 25, what: 'single reads', places: 32, eachMs: 2, msPerMegabyte: 100 },
  expand: { ...usual, what: 'expanded reads', places: 4, eachMs: 5, msPerMegabyte: 100 },
  scrape: { ...usual, what: 'scrapes', places: 4, eachMs: 20, msPerMegabyte: 250 },
  report: { ...usual, what: 'reports', places: 8, eachMs: 5, msPerMegabyte: 100 },
  file: { ...usual, restTimes: 16, what: 'files', places: 16, eachMs: 1, msPerMegabyte: 20, sendMs: 30_000 },
  // They may wait for a neighbour of their own, which takes no time of the process.
  own: { ...usual, beside: 8, restTimes: 1, what: 'own reads', places: 32, eachMs: 2, msPerMegabyte: 100 },
} as const satisfies Readonly<Record<string, ReadBound>>;

/** A kind of read. */
export type ReadKind = keyof typeof readBounds;

/** Unused time that adds up for a burst: a page asks for many things at once when it is opened. */
const burstMs = 250;
/** A read that would wait longer is refused, and no read delays the next one for longer. */
const longestWaitMs = 1000;
/** While creates are in work, a read in steps pauses after each for so many times its duration, at most `mostMs`. */
const stepRest = { times: 2, mostMs: 50 } as const;
/** The shortest time between two looks at the queue. */
const lookMs = 10;
/** Places that an address may hold whatever its share is. */
const freePlaces = 1;

/** Admits reads. */
export interface ReadGate {
  /**
   * Bounds a handler; `kind` may depend on the request, and `undefined` means unbounded. Throws an `UnavailableError`,
   * `overloaded`, when there is no room.
   */
  within(
    kind: ReadKind | ((request: Request) => ReadKind | undefined),
    handler: RequestHandler,
  ): RequestHandler;
  /** Begins a read in steps; call the returned function between two of them: it pauses while creates are in work. */
  beginSteps(): () => Promise<void>;
}

/** What a gate needs. */
export interface ReadGateOptions {
  readonly clock?: Clock;
  /** Whether creates are in work, for which reads wait. */
  readonly isBusy?: () => boolean;
}

/** Creates the gate of one process. */
export function createReadGate({
  clock = monotonicClock,
  isBusy = () => false,
}: ReadGateOptions = {}): ReadGate {
  const lanes = new Map<ReadKind, Lane>();

  return {
    within: (kind, handler) => async (request, response, next) => {
      const one = typeof kind === 'function' ? kind(request) : kind;
      if (one === undefined) return void (await handler(request, response, next));
      if (response.destroyed) return;
      const lane = lanes.get(one) ?? createLane(readBounds[one], clock, isBusy);
      lanes.set(one, lane);
      const place = lane.take(toClient(request), response);
      try {
        await place.started;
        if (!response.destroyed) await handler(request, response, next);
      } finally {
        place.leave();
      }
    },
    beginSteps() {
      let begunAt = clock();
      return async () => {
        const restMs = Math.min(stepRest.mostMs, (clock() - begunAt) * stepRest.times);
        if (isBusy()) await new Promise((resolve) => setTimeout(resolve, restMs));
        begunAt = clock();
      };
    },
  };
}

interface Lane {
  /** Takes a place; it is free again when `leave` was called and the response is closed. */
  take(client: Client, response: Response): Place;
}

interface Place {
  /** Resolves when the work may begin; `undefined` when it may begin now. */
  readonly started: Promise<void> | undefined;
  leave(): void;
}

function createLane(bound: ReadBound, clock: Clock, isBusy: () => boolean): Lane {
  const { what, places, beside, eachMs, msPerMegabyte, restTimes, longestRestMs, sendMs, retryAfterMs } =
    bound;
  const share = createFairShare(clock, freePlaces);
  const queue = createFairQueue();
  let taken = 0;
  let working = 0;
  let nextAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  /** The cost of the last read, assumed for the next one until its own is known: so few begin together. */
  let lastCostMs = 0;

  return {
    take(client, response) {
      const room = share.roomFor(client, places);
      if (taken >= room) refuse(`All ${room} places for ${what} are taken.`, retryAfterMs);
      const waitMs = Math.max(0, nextAt - clock()) + queue.ahead(client) * (eachMs + lastCostMs);
      if (waitMs > longestWaitMs) {
        refuse(`There are more ${what} than leave time for other work.`, Math.max(waitMs, retryAfterMs));
      }
      taken += 1;
      const release = share.take(client);
      let begunAt: number | undefined;
      let expectedMs = 0;
      const begin = () => {
        begunAt = clock();
        working += 1;
        expectedMs = lastCostMs;
        nextAt = Math.max(begunAt - burstMs, nextAt) + eachMs + expectedMs;
      };
      const started = queue.isEmpty() && isFree() ? begin() : wait(client, response, begin);
      let open = 2;
      let slow: NodeJS.Timeout | undefined;
      const end = () => {
        open -= 1;
        if (open > 0) return;
        taken -= 1;
        release();
      };
      response.once('close', () => {
        clearTimeout(slow);
        end();
      });
      return {
        started: started ?? undefined,
        leave() {
          if (begunAt !== undefined) {
            working -= 1;
            lastCostMs = toCost(Number(response.getHeader('Content-Length') ?? 0), clock() - begunAt);
            nextAt = Math.min(nextAt + lastCostMs - expectedMs, clock() + longestWaitMs);
            startWaiting();
          }
          if (!response.closed) slow = setTimeout(() => response.destroy(), sendMs).unref();
          end();
        },
      };
    },
  };

  function refuse(message: string, afterMs: number): never {
    throw new UnavailableError('overloaded', message, { retryAfterMs: afterMs });
  }

  function toCost(bytes: number, workMs: number): number {
    const ms = (bytes / 1_000_000) * msPerMegabyte;
    if (!isBusy()) return Math.min(longestWaitMs, ms);
    return Math.max(Math.min(longestWaitMs, ms), Math.min(longestRestMs, Math.max(ms, workMs) * restTimes));
  }

  function isFree(): boolean {
    return nextAt <= clock() && (working < beside || !isBusy());
  }

  function wait(client: Client, response: Response, begin: () => void): Promise<void> {
    return new Promise((resolve) => {
      queue.add(client, () => {
        if (!response.destroyed) begin();
        resolve();
      });
      startWaiting();
    });
  }

  function startWaiting(): void {
    clearTimeout(timer);
    while (!queue.isEmpty() && isFree()) queue.startNext();
    // A read that ends starts the next one; the timer sees when creates are no longer in work.
    if (!queue.isEmpty()) timer = setTimeout(startWaiting, Math.max(lookMs, nextAt - clock()));
  }
}
