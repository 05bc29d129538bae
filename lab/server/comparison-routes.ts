/** `/api/comparisons`: start one, look at the latest, cancel it. Every change passes the guard first. */
import { parseJsonBody, readJsonUpTo } from '@holdfast/shared/http/json-body.ts';
import type { ReadGate } from '@holdfast/shared/http/read-gate.ts';
import type { Routes } from '@holdfast/shared/http/route-table.ts';
import type { RequestHandler, Response } from 'express';
import type { Comparisons } from './comparisons.ts';
import { parseComparison } from './parse-comparison.ts';
import type { ReadAccess } from './read-access.ts';

/** What the routes need. */
export interface ComparisonRouteOptions {
  readonly comparisons: Comparisons;
  /** Runs before every change. */
  readonly guard: RequestHandler;
  readonly access: ReadAccess;
  readonly reads: ReadGate;
}

/** Largest body in bytes; the settings have about a hundred. */
const maxBodyBytes = 2000;

/** Creates the routes. */
export function comparisonRoutes({ comparisons, guard, access, reads }: ComparisonRouteOptions): Routes {
  const send = (response: Response, code: number) =>
    response.status(code).set('Cache-Control', 'no-store').json(comparisons.status());
  const start: RequestHandler = (request, response) => {
    comparisons.start(parseComparison(parseJsonBody(request)));
    send(response, 202);
  };
  const cancel: RequestHandler = async (_request, response) => {
    await comparisons.cancel();
    send(response, 200);
  };
  const latest: RequestHandler = (_request, response) => void send(response, 200);

  return {
    '/api/comparisons': { POST: [guard, readJsonUpTo(maxBodyBytes), start] },
    '/api/comparisons/latest': {
      GET: [access.check, reads.within('report', latest)],
      DELETE: [guard, cancel],
    },
  };
}
