/**
 * The lab's API for the page: status, breakers, policies, faults, traffic, orders, reset.
 *
 * Every change passes the guard first. The lab calls only the services of its settings, which a request selects by
 * name.
 */
import { InvalidError, RequestError } from '@holdfast/shared/core/errors.ts';
import { parseJsonBody, readJsonUpTo } from '@holdfast/shared/http/json-body.ts';
import type { ReadGate } from '@holdfast/shared/http/read-gate.ts';
import type { Routes } from '@holdfast/shared/http/route-table.ts';
import type { Request, RequestHandler, Response } from 'express';
import type { ChangeServices } from './change-services.ts';
import type { Customers } from './customers.ts';
import type { HttpResponse } from './http-call.ts';
import type { Lab } from './lab.ts';
import type { ReadAccess } from './read-access.ts';
import { reset } from './reset.ts';
import { toSegment } from './segment.ts';
import type { ServiceAddress } from './settings.ts';
import { rates, type Traffic } from './traffic.ts';

/** What the routes need. */
export interface ApiOptions {
  readonly lab: Lab;
  readonly traffic: Traffic;
  readonly customers: Customers;
  readonly change: ChangeServices;
  readonly clock: () => number;
  /** Runs before every change. */
  readonly guard: RequestHandler;
  readonly access: ReadAccess;
  readonly reads: ReadGate;
}

/** Largest body in bytes; the settings of a breaker have a few hundred. */
const maxBodyBytes = 10_000;

/** Headers of a service's answer that are forwarded; the others belong to the connection. */
const passedHeaders = [
  'cache-control',
  'etag',
  'allow',
  'retry-after',
  'idempotent-replayed',
  'fault-injected',
  'x-request-id',
] as const;

/** Content types that a browser shows as data. */
const dataTypes = /^(?:application\/(?:problem\+)?json|text\/plain)\s*(?:;|$)/i;

/** Creates the routes. */
export function apiRoutes(options: ApiOptions): Routes {
  const { lab, traffic, customers, change, clock, guard, access, reads } = options;
  const withBody = [guard, readJsonUpTo(maxBodyBytes)];
  const pass = (toPath: (request: Request) => string): RequestHandler => {
    return async (request, response) => {
      const { method } = request;
      const body = method === 'PUT' || method === 'PATCH' ? bytesOf(request) : undefined;
      sendResponse(
        response,
        await change(instancesOf(lab, request), { method, path: toPath(request), body }),
      );
    };
  };
  const breakers = pass(() => '/breakers');
  const breaker = pass(({ params }) => `/breakers/${toSegment(String(params.name))}`);
  const policy = pass(() => '/policy');
  const faults = pass(() => '/faults');
  const fault = pass(({ params }) => `/faults/${toSegment(String(params.name))}`);

  const status: RequestHandler = (_request, response) => {
    response.set('Cache-Control', 'no-store').type('json').send(lab.statusText());
  };
  const turnTraffic: RequestHandler = (request, response) => {
    traffic.change(parseTraffic(parseJsonBody(request)));
    response.set('Cache-Control', 'no-store').json(traffic.status());
  };
  const order: RequestHandler = async (_request, response) => {
    const dueAt = clock();
    const { id, answer } = await customers.order().catch((error: unknown) => {
      traffic.count({ at: Math.round(clock()), id: '', status: null, ms: Math.round(clock() - dueAt) });
      throw error;
    });
    const at = Math.round(clock());
    traffic.count({ at, id, status: answer.status, ms: Math.round(at - dueAt) });
    sendResponse(response, answer);
  };
  const resetAll: RequestHandler = async (_request, response) => {
    const names = await reset({ services: lab.services(), traffic, change }).catch((error: unknown) => {
      lab.onReset(error instanceof Error ? error.message : String(error));
      throw error;
    });
    lab.onReset();
    response.json({ reset: names });
  };

  const read = (answer: RequestHandler) => [access.check, reads.within('report', answer)];

  return {
    '/api/status': { GET: [access.check, reads.within('read', status)] },
    '/api/session': { POST: [guard, access.grantCookie] },
    '/api/traffic': { PUT: [...withBody, turnTraffic] },
    '/api/orders': { POST: [...withBody, order] },
    '/api/reset': { POST: [...withBody, resetAll] },
    '/api/services/:service/breakers': { GET: read(breakers) },
    '/api/services/:service/breakers/:name': { GET: read(breaker), PATCH: [...withBody, breaker] },
    '/api/services/:service/policy': { GET: read(policy), PATCH: [...withBody, policy] },
    '/api/services/:service/faults': { GET: read(faults), DELETE: [guard, faults] },
    '/api/services/:service/faults/:name': { PUT: [...withBody, fault], DELETE: [guard, fault] },
  };
}

/**
 * The instances of the service that a path names, or the one of `?instance=host:port`.
 * @throws {RequestError} `not-found` when there is none.
 */
export function instancesOf(lab: Lab, { params, query }: Request): ServiceAddress[] {
  const name = String(params.service);
  const found = lab.services().filter((service) => service.name === name);
  if (found.length === 0) {
    const known = [...new Set(lab.services().map((service) => service.name))].join(', ');
    throw new RequestError('not-found', `The lab has no service "${name}"; it has ${known}.`);
  }
  const { instance } = query;
  if (instance === undefined) return found;
  const one = found.filter(({ url }) => toHost(url) === instance);
  if (one.length > 0) return one;
  const asked = JSON.stringify(`${instance}`.slice(0, 50));
  const known = found.map(({ url }) => toHost(url)).join(', ');
  throw new RequestError(
    'not-found',
    `${name} has no instance ${asked} that the lab knows; it has ${known}.`,
  );
}

/** What `?instance=` names. */
function toHost(url: string): string {
  return new URL(url).host;
}

/** Forwards an answer of a service. */
export function sendResponse(response: Response, { status, headers, body }: HttpResponse): void {
  for (const name of passedHeaders) {
    const value = headers[name];
    if (typeof value === 'string') response.setHeader(name, value);
  }
  const { location, 'content-type': type = '' } = headers;
  // A service is not trusted: its answer must neither redirect nor run as a page or a script.
  if (location !== undefined && /^\/(?![/\\])/.test(location)) response.setHeader('Location', location);
  response.setHeader('Content-Type', dataTypes.test(type) ? type : 'application/octet-stream');
  response.writeHead(status, { 'Content-Length': body.length });
  response.end(body);
}

function parseTraffic(value: unknown): { on: boolean; ratePerSecond: number } {
  const { on, ratePerSecond = rates.usual, ...others } = Object(value) as Record<string, unknown>;
  const { min, max } = rates;
  const isRate = typeof ratePerSecond === 'number' && ratePerSecond >= min && ratePerSecond <= max;
  const faults = [
    ...(typeof on === 'boolean' ? [] : [{ pointer: '/on', detail: 'Must be true or false.' }]),
    ...(isRate ? [] : [{ pointer: '/ratePerSecond', detail: `Must be a number from ${min} to ${max}.` }]),
    ...Object.keys(others).map((name) => ({ pointer: `/${name}`, detail: 'Is not known here.' })),
  ];
  if (typeof on === 'boolean' && isRate && faults.length === 0) return { on, ratePerSecond };
  throw new InvalidError(
    `The traffic is invalid at ${faults.map(({ pointer, detail }) => `"${pointer}": ${detail}`).join(' ')}`,
    faults,
  );
}

/** The bytes as received; the service validates them. */
function bytesOf({ body }: Request): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}
