/** `/api/experiments`: which are known, start one, look at it, cancel it. Every change passes the guard first. */
import { RequestError } from '@holdfast/shared/core/errors.ts';
import { parseJsonBody, readJsonUpTo } from '@holdfast/shared/http/json-body.ts';
import type { ReadGate } from '@holdfast/shared/http/read-gate.ts';
import type { Routes } from '@holdfast/shared/http/route-table.ts';
import type { RequestHandler, Response } from 'express';
import { reportShownPolicy } from '../report/to-html.ts';
import type { Experiments } from './experiments.ts';
import { isRecord } from './is-record.ts';
import type { ReadAccess } from './read-access.ts';

/** What the routes need. */
export interface ExperimentRouteOptions {
  readonly experiments: Experiments;
  /** Runs before every change. */
  readonly guard: RequestHandler;
  readonly access: ReadAccess;
  readonly reads: ReadGate;
}

/** Largest body in bytes: it has a name. */
const maxBodyBytes = 2000;

/** Creates the routes. */
export function experimentRoutes({ experiments, guard, access, reads }: ExperimentRouteOptions): Routes {
  const send = async (response: Response, code: number) =>
    void response
      .status(code)
      .set('Cache-Control', 'no-store')
      .json(await experiments.answer());
  const start: RequestHandler = async (request, response) => {
    const body = parseJsonBody(request);
    await experiments.start(isRecord(body) ? body.name : undefined);
    await send(response, 202);
  };
  const cancel: RequestHandler = async (_request, response) => {
    await experiments.cancel();
    await send(response, 200);
  };
  const list: RequestHandler = (_request, response) => send(response, 200);
  const one: RequestHandler = (request, response) => {
    const result = experiments.resultOf(String(request.params.name));
    if (result === undefined) throw new RequestError('not-found', 'This experiment has no result here.');
    response.set('Cache-Control', 'no-store').json(result);
  };
  const page: RequestHandler = (request, response) => {
    const text = experiments.pageOf(String(request.params.name));
    if (text === undefined) throw new RequestError('not-found', 'This experiment has no result here.');
    response.set({ 'Cache-Control': 'no-store', 'Content-Security-Policy': reportShownPolicy });
    response.type('html').send(text);
  };

  return {
    '/api/experiments': {
      GET: [access.check, reads.within('report', list)],
      POST: [guard, readJsonUpTo(maxBodyBytes), start],
    },
    '/api/experiments/latest': { DELETE: [guard, cancel] },
    '/api/experiments/:name': { GET: [access.check, reads.within('report', one)] },
    '/api/experiments/:name/report.html': { GET: [access.check, reads.within('report', page)] },
  };
}
