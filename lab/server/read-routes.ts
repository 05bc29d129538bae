/**
 * `GET /services/:service/…`: what a service shows to people and machines, brought to the lab's own address.
 *
 * In containers only the lab and the front door have a port on the host; this is how the others are looked at.
 */
import { RequestError } from '@holdfast/shared/errors.ts';
import type { Routes } from '@holdfast/shared/route-table.ts';
import type { RequestHandler } from 'express';
import { instancesOf, sendCalled } from './api-routes.ts';
import type { HttpCalls } from './http-call.ts';
import type { Lab } from './lab.ts';

/** Pages that may be read, from the root of a service. */
const pages = new Set(['metrics', 'openapi.json', 'docs', 'breakers', 'readyz', 'version']);
const timeoutMs = 5000;

/** Creates the routes. */
export function readRoutes({ lab, calls }: { lab: Lab; calls: HttpCalls }): Routes {
  const read: RequestHandler = async (request, response) => {
    const { page = '', file } = request.params;
    if (!pages.has(String(page)) || (file !== undefined && page !== 'docs')) {
      throw new RequestError('not-found', `Nothing answers ${request.method} ${request.path}.`);
    }
    const instances = instancesOf(lab, request);
    const place = lab.services().find((one) => instances.includes(one) && one.isConnected()) ?? instances[0];
    const end = file === undefined ? '' : encodeURIComponent(String(file));
    const slash = file !== undefined || request.path.endsWith('/') ? '/' : '';
    const url = `${place?.url}/${page}${slash}${end}`;
    sendCalled(response, await calls.call({ method: 'GET', url, timeoutMs }));
  };
  return {
    '/services/:service/:page': { GET: [read] },
    '/services/:service/:page/:file': { GET: [read] },
  };
}
