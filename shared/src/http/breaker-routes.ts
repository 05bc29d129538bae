/**
 * `/breakers`: the state of every breaker, why, and when it will probe; with LAB=1 `PATCH` changes one.
 *
 * Reading changes nothing and needs no LAB=1.
 */
import type { Request, RequestHandler } from 'express';
import type { Breakers } from '../observability/breakers.ts';
import type { Stream } from '../observability/stream.ts';
import type { BreakersAnswer, ServiceIdentity } from '../observability/wire.ts';
import type { Clock } from '../resilience/deadline.ts';
import { parseJsonBody, readJsonBytes } from './json-body.ts';
import type { ReadGate } from './read-gate.ts';
import type { Routes } from './route-table.ts';

/** What the routes need. */
export interface BreakerRoutesOptions {
  readonly breakers: Breakers;
  readonly stream: Stream;
  readonly identity: ServiceIdentity;
  readonly clock: Clock;
  /** Middleware in front of every change. */
  readonly guard: RequestHandler;
  readonly reads: ReadGate;
}

/** Creates the routes. */
export function breakerRoutes({
  breakers,
  stream,
  identity,
  clock,
  guard,
  reads,
}: BreakerRoutesOptions): Routes {
  const list: RequestHandler = (_request, response) => {
    const answer: BreakersAnswer = { ...identity, at: Math.round(clock()), breakers: breakers.reports() };
    response.set('Cache-Control', 'no-store').json(answer);
  };
  const show: RequestHandler = (request, response) => {
    response.set('Cache-Control', 'no-store').json(breakers.report(nameIn(request)));
  };
  const change: RequestHandler = (request, response) => {
    const body = parseJsonBody(request);
    response.set('Cache-Control', 'no-store').json(breakers.change(nameIn(request), body));
  };
  const history: RequestHandler = (request, response) => {
    const { name } = breakers.report(nameIn(request));
    response.set('Cache-Control', 'no-store').json({ ...identity, name, events: stream.ofBreaker(name) });
  };
  return {
    '/breakers': { GET: [reads.within('report', list)] },
    '/breakers/:name': { GET: [reads.within('report', show)], PATCH: [guard, readJsonBytes, change] },
    '/breakers/:name/events': { GET: [reads.within('report', history)] },
  };
}

function nameIn(request: Request): string {
  return String(request.params.name);
}
