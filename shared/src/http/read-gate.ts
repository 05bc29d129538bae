/**
 * The bounds of reading: few at once for each kind, and no faster than leaves the time of the process to creates.
 *
 * A place is held until the work and the answer have both ended, so that clients that leave, or that read slowly, gain
 * nothing. What is refused is refused at once. Every number of reading is in this one table.
 */
import type { Request, RequestHandler, Response } from 'express';
import { UnavailableError } from '../core/errors.ts';
import { type Clock, monotonicClock } from '../resilience/deadline.ts';

/** How much of one kind of reading there may be. */
export interface ReadBound {
  /** What is read, in words. */
  readonly what: string;
  /** How many at once. */
  readonly places: number;
  /** Milliseconds between the beginnings of two, beyond a short burst. */
  readonly eachMs: number;
  /** Milliseconds that an answered megabyte puts off the next one. */
  readonly msPerMegabyte: number;
  /** How long a client may take to read an answer. */
  readonly sendMs: number;
  readonly retryAfterMs: number;
}

const usual = { sendMs: 10_000, retryAfterMs: 1000 } as const;

/** The bounds, by kind. */
export const readBounds = {
  list: { ...usual, what: 'lists', places: 8, eachMs: 2, msPerMegabyte: 250 },
  read: { ...usual, what: 'single reads', places: 32, eachMs: 2, msPerMegabyte: 100 },
  expand: { ...usual, what: 'expanded reads', places: 4, eachMs: 5, msPerMegabyte: 100 },
  scrape: { ...usual, what: 'scrapes', places: 2, eachMs: 20, msPerMegabyte: 250 },
  report: { ...usual, what: 'reports', places: 8, eachMs: 5, msPerMegabyte: 100 },
  file: { ...usual, what: 'files', places: 16, eachMs: 1, msPerMegabyte: 20, sendMs: 30_000 },
} as const satisfies Readonly<Record<string, ReadBound>>;

/** A kind of reading. */
export type ReadKind = keyof typeof readBounds;

/** So much time may have been saved up: a person who opens a page asks for many things at once. */
const burstMs = 250;
/** Who would wait longer for its turn is refused instead. */
const longestWaitMs = 500;

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
}

/** Creates the gate of one process. */
export function createReadGate({
  clock = monotonicClock,
  wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: {
  clock?: Clock;
  wait?: (ms: number) => Promise<unknown>;
} = {}): ReadGate {
  const lanes = new Map<ReadKind, Lane>();

  return {
    within: (kind, handler) => async (request, response, next) => {
      const one = typeof kind === 'function' ? kind(request) : kind;
      if (one === undefined) return void (await handler(request, response, next));
      if (response.destroyed) return;
      const lane = lanes.get(one) ?? createLane(readBounds[one], clock);
      lanes.set(one, lane);
      const { turnMs, leave } = lane.enter(response);
      try {
        if (turnMs > 0) await wait(turnMs);
        if (!response.destroyed) await handler(request, response, next);
      } finally {
        leave();
      }
    },
  };
}

interface Lane {
  /** Takes a place, which is free again when `leave` was called and the response is closed. */
  enter(response: Response): { readonly turnMs: number; readonly leave: () => void };
}

function createLane(bound: ReadBound, clock: Clock): Lane {
  const { what, places, eachMs, msPerMegabyte, sendMs, retryAfterMs } = bound;
  let taken = 0;
  let nextAt = Number.NEGATIVE_INFINITY;
  /** What the last answer cost: the next one is taken for as large until it is known, so that few begin together. */
  let lastCostMs = 0;

  function refuse(message: string, afterMs: number): never {
    throw new UnavailableError('overloaded', message, { retryAfterMs: afterMs });
  }

  return {
    enter(response) {
      if (taken >= places) refuse(`All ${places} places for ${what} are taken.`, retryAfterMs);
      const now = clock();
      const turnMs = nextAt - now;
      if (turnMs > longestWaitMs) {
        refuse(`There are more ${what} than leave time for other work.`, Math.max(turnMs, retryAfterMs));
      }
      taken += 1;
      const expectedMs = lastCostMs;
      nextAt = Math.max(now - burstMs, nextAt) + eachMs + expectedMs;
      let open = 2;
      let slow: NodeJS.Timeout | undefined;
      const end = () => {
        open -= 1;
        if (open > 0) return;
        taken -= 1;
        const bytes = Number(response.getHeader('Content-Length') ?? 0);
        lastCostMs = (bytes / 1_000_000) * msPerMegabyte;
        nextAt += lastCostMs - expectedMs;
      };
      response.once('close', () => {
        clearTimeout(slow);
        end();
      });
      return {
        turnMs,
        leave() {
          if (!response.closed) {
            slow = setTimeout(() => response.destroy(), sendMs).unref();
          }
          end();
        },
      };
    },
  };
}
