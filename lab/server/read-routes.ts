/**
 * `GET /services/:service/…`: the readable pages of a service under the lab's own address.
 *
 * In containers only the lab and the front door have a port on the host, so the other services are read through the
 * lab. The page of the API is the lab's own, so that no service can serve a page under the lab's address.
 */
import { RequestError } from '@holdfast/shared/core/errors.ts';
import type { ReadGate } from '@holdfast/shared/http/read-gate.ts';
import type { Routes } from '@holdfast/shared/http/route-table.ts';
import { answerDocs, answerDocsFile } from '@holdfast/shared/openapi/pages.ts';
import type { RequestHandler } from 'express';
import { instancesOf, sendResponse } from './api-routes.ts';
import type { HttpCalls } from './http-call.ts';
import type { Lab } from './lab.ts';

/** What the routes need. */
export interface ReadOptions {
  readonly lab: Lab;
  readonly calls: HttpCalls;
  /** Runs before every read. */
  readonly reader: RequestHandler;
  readonly reads: ReadGate;
}

/** Pages that may be read, from the root of a service. */
const pages = new Set(['metrics', 'openapi.json', 'breakers', 'readyz', 'version']);
const timeoutMs = 5000;

/** Creates the routes. */
export function readRoutes({ lab, calls, reader, reads }: ReadOptions): Routes {
  const read: RequestHandler = async (request, response) => {
    const page = String(request.params.page);
    if (!pages.has(page)) {
      throw new RequestError('not-found', `Nothing answers ${request.method} ${request.path}.`);
    }
    const instances = instancesOf(lab, request);
    const place = lab.services().find((one) => instances.includes(one) && one.isConnected()) ?? instances[0];
    const url = `${place?.url}/${page}`;
    sendResponse(response, await calls.call({ method: 'GET', url, timeoutMs }));
  };
  const ofService =
    (answer: RequestHandler): RequestHandler =>
    (request, response, next) => {
      instancesOf(lab, request);
      return answer(request, response, next);
    };
  const file = (answer: RequestHandler) => [reader, reads.within('file', ofService(answer))];
  return {
    '/services/:service/docs': { GET: file(answerDocs) },
    '/services/:service/docs/:file': { GET: file(answerDocsFile) },
    '/services/:service/:page': { GET: [reader, reads.within('report', read)] },
  };
}
