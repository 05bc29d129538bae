/**
 * The bounds of reading: few at once for each kind, and no faster than leaves the time of the process to creates.
 *
 * A place is held until the work and the answer have both ended, so that clients that leave, or that read slowly, gain
 * nothing. Addresses share the places, and have their turns one after another. What is refused is refused at once.
 * Every number of reading is in this one table.
 */
import type { Request, RequestHandler, Response } from 'express';
import { UnavailableError } from '../core/errors.ts';
import { type Clock, monotonicClock } from '../resilience/deadline.ts';
import { createFairQueue } from './fair-queue.ts';
import { type Client, createFairShare, toClient } from './fair-share.ts';

/** How much of one kind of reading there may be. */
export interface ReadBound {
  /** What is read, in words. */
  readonly what: string;
  /** How many at once, those included that wait or are being sent. */
  readonly places: number;
  /** How many of them are worked on at once while creates are in work. */
  readonly beside: number;
  /** Milliseconds between the beginnings of two, beyond a short burst. */
  readonly eachMs: number;
  /** Milliseconds that an answered megabyte puts off the next one. */
  readonly msPerMegabyte: number;
  /** While creates are in work, what a read took, or its bytes, put off the next one by so many times as much. */
  readonly restTimes: number;
  /** The longest such rest in milliseconds: what a slow database takes is not the time of this process. */
  readonly longestRestMs: number;
  /** How long a client may take to read an answer. */
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

/** A kind of reading. */
export type ReadKind = keyof typeof readBounds;

/** So much time may have been saved up: a person who opens a page asks for many things at once. */
const burstMs = 250;
/** Who would wait longer for its turn is refused instead; and no read puts off the next one for longer. */
const longestWaitMs = 1000;
/** Beside creates, a read in several steps rests after each so many times as long as that took, within a bound. */
const stepRest = { times: 2, mostMs: 50 } as const;
/** Who waits for its turn is looked at no more often. */
const lookMs = 10;
/** An address may hold so many places without being counted among those that hold their share. */
const freePlaces = 1;

/** Lets reads in. */
export interface ReadGate {
  /**
   * Puts the bound of a kind around a handler; a kind that depends on the request may be none. What finds no room is
   * an `UnavailableError`, `overloaded`.
   */
  within(
    kind: ReadKind | ((request: Request) => ReadKind | undefined),
    handler: RequestHandler,
  ): RequestHandler;
  /** Begins a read in several steps; what it answers is called between two of them, and rests beside creates. */
  beginSteps(): () => Promise<void>;
}

/** What a gate needs. */
export interface ReadGateOptions {
  readonly clock?: Clock;
  /** Whether there is work that reads give way to. */
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
        await place.turn;
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
  /** Takes a place, which is free again when `leave` was called and the response is closed. */
  take(client: Client, response: Response): Place;
}

interface Place {
  /** Resolves when the work may begin; `undefined` when that is now. */
  readonly turn: Promise<void> | undefined;
  leave(): void;
}

function createLane(bound: ReadBound, clock: Clock, isBusy: () => boolean): Lane {
  const { what, places, beside, eachMs, msPerMegabyte, restTimes, longestRestMs, sendMs, retryAfterMs } =
    bound;
  const share = createFairShare(clock, freePlaces);
  const turns = createFairQueue();
  let taken = 0;
  let working = 0;
  let nextAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  /** What the last read cost: the next one is taken for as dear until that is known, so that few begin together. */
  let lastCostMs = 0;

  return {
    take(client, response) {
      const room = share.roomFor(client, places);
      if (taken >= room) refuse(`All ${room} places for ${what} are taken.`, retryAfterMs);
      const turnMs = Math.max(0, nextAt - clock()) + turns.ahead(client) * (eachMs + lastCostMs);
      if (turnMs > longestWaitMs) {
        refuse(`There are more ${what} than leave time for other work.`, Math.max(turnMs, retryAfterMs));
      }
      taken += 1;
      const giveBack = share.take(client);
      let begunAt: number | undefined;
      let expectedMs = 0;
      const begin = () => {
        begunAt = clock();
        working += 1;
        expectedMs = lastCostMs;
        nextAt = Math.max(begunAt - burstMs, nextAt) + eachMs + expectedMs;
      };
      const turn = turns.isEmpty() && isFree() ? begin() : wait(client, response, begin);
      let open = 2;
      let slow: NodeJS.Timeout | undefined;
      const end = () => {
        open -= 1;
        if (open > 0) return;
        taken -= 1;
        giveBack();
      };
      response.once('close', () => {
        clearTimeout(slow);
        end();
      });
      return {
        turn: turn ?? undefined,
        leave() {
          if (begunAt !== undefined) {
            working -= 1;
            lastCostMs = toCost(Number(response.getHeader('Content-Length') ?? 0), clock() - begunAt);
            nextAt = Math.min(nextAt + lastCostMs - expectedMs, clock() + longestWaitMs);
            giveTurns();
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
      turns.add(client, () => {
        if (!response.destroyed) begin();
        resolve();
      });
      giveTurns();
    });
  }

  function giveTurns(): void {
    clearTimeout(timer);
    while (!turns.isEmpty() && isFree()) turns.startNext();
    // Whoever works gives the next turn; and that the process is no longer busy is seen by looking.
    if (!turns.isEmpty()) timer = setTimeout(giveTurns, Math.max(lookMs, nextAt - clock()));
  }
}
