/**
 * `/faults`: with LAB=1 lists, sets and ends faults. All of it is a control, reading too.
 */
import type { Request, RequestHandler } from 'express';
import type { FaultView } from '../faults/fault-events.ts';
import type { Faults } from '../faults/faults.ts';
import type { ServiceIdentity } from '../observability/wire.ts';
import type { Clock } from '../resilience/deadline.ts';
import { parseJsonBody, readJsonBytes } from './json-body.ts';
import type { ReadGate } from './read-gate.ts';
import type { Routes } from './route-table.ts';

/** What the routes need. */
export interface FaultRoutesOptions {
  readonly faults: Faults;
  readonly identity: ServiceIdentity;
  readonly clock: Clock;
  /** Middleware in front of every route. */
  readonly guard: RequestHandler;
  readonly reads: ReadGate;
}

/** `GET /faults`. */
export interface FaultsAnswer extends ServiceIdentity {
  readonly at: number;
  readonly faults: readonly FaultView[];
}

/** Creates the routes. */
export function faultRoutes({ faults, identity, clock, guard, reads }: FaultRoutesOptions): Routes {
  const list: RequestHandler = (_request, response) => {
    const answer: FaultsAnswer = { ...identity, at: Math.round(clock()), faults: faults.list() };
    response.set('Cache-Control', 'no-store').json(answer);
  };
  const put: RequestHandler = (request, response) => {
    const { fault, isNew } = faults.put(nameIn(request), parseJsonBody(request));
    response
      .status(isNew ? 201 : 200)
      .set('Cache-Control', 'no-store')
      .json(fault);
  };
  const end: RequestHandler = (request, response) => {
    faults.delete(nameIn(request));
    response.status(204).end();
  };
  const endAll: RequestHandler = (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ deleted: faults.clear() });
  };
  return {
    '/faults': { GET: [guard, reads.within('report', list)], DELETE: [guard, endAll] },
    '/faults/:name': { PUT: [guard, readJsonBytes, put], DELETE: [guard, end] },
  };
}

function nameIn(request: Request): string {
  return String(request.params.name);
}
