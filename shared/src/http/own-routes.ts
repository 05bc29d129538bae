/**
 * Routes of one's own: ordinary routers of Express, each mounted at a path, that become rows of the service's table of
 * routes. So each of them is answered 405 for other methods, measured under its pattern, and held against the table:
 * a path has one owner.
 */
import { type Request, type RequestHandler, Router } from 'express';
import type { z } from 'zod';
import { InvalidError, RequestError, StartError } from '../core/errors.ts';
import { toFieldError } from '../core/resource.ts';
import type { Tracer } from '../core/tracer.ts';
import { traceRequest } from '../observability/trace-work.ts';
import type { Admission } from './admission.ts';
import { requireOrigin } from './control.ts';
import type { FaultGate } from './fault-gate.ts';
import { parseJsonBody, readJsonBytes } from './json-body.ts';
import type { RunOwnCode } from './own-code.ts';
import type { ReadGate } from './read-gate.ts';
import type { Methods, Routes } from './route-table.ts';

/** Routers by the path at which they are mounted. */
export type OwnRouters = Readonly<Record<string, Router>>;

/** What a route says of itself in openapi.json. */
export interface RouteDescription {
  /** What it does, in a few words. */
  readonly summary: string;
  /** What is sent in. A body that breaks it is answered 422; the route gets what it makes of the body. */
  readonly body?: z.ZodType;
  /** What is answered as JSON, by status. */
  readonly answers?: Readonly<Record<number, z.ZodType>>;
}

/** One route of one's own. */
export interface OwnRoute {
  readonly method: OwnMethod;
  /** The whole pattern, as Express writes it. */
  readonly path: string;
  readonly description: RouteDescription | undefined;
}

/** A method that a route can have. */
export type OwnMethod = keyof Methods;

const descriptions = new WeakMap<object, RouteDescription>();
const methods: readonly OwnMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** A handler that says nothing about the types of its route, so that parameters stay those of its path. */
export type AnyRouteHandler = (request: object, response: object, next: () => void) => void;

/** Describes the route that it stands in, as its first handler, and checks the body when it has a schema for it. */
export function describeRoute(description: RouteDescription): AnyRouteHandler {
  const { body } = description;
  const check: AnyRouteHandler = (request: { body?: unknown }, _response, next) => {
    if (body !== undefined) request.body = parseWith(body, request.body);
    next();
  };
  descriptions.set(check, description);
  return check;
}

function parseWith(schema: z.ZodType, content: unknown): unknown {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new InvalidError('The content is invalid.', parsed.error.issues.map(toFieldError));
}

/**
 * Lists the routes of routers.
 * @throws {StartError} when one cannot be known by its pattern: it is a regular expression, or in a router in a router.
 */
export function listOwnRoutes(routers: OwnRouters): readonly OwnRoute[] {
  const routes = Object.entries(routers).flatMap(([mount, router]) =>
    router.stack.flatMap((layer) => toRoutes(mount, layer)),
  );
  // Several rows of a router may stand for one route; any of them may describe it.
  const rows = Map.groupBy(routes, ({ method, path }) => `${method} ${path}`);
  return [...rows.values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : { ...first, description: [first, ...more].find(({ description }) => description)?.description },
  );
}

function toRoutes(mount: string, { route, handle }: Router['stack'][number]): OwnRoute[] {
  if (route === undefined) {
    if (!('stack' in handle)) return [];
    throw new StartError(
      `The router at ${mount} has a router in it: name both in \`routes\`, each at its path.`,
    );
  }
  if (typeof route.path !== 'string' || !mount.startsWith('/'))
    throw new StartError(`The routes at ${mount} need paths that are texts and begin with a slash.`);
  const path = `${mount.replace(/\/$/, '')}${route.path === '/' ? '' : route.path}` || '/';
  return methods
    .filter((method) => route.stack.some((layer) => isFor(layer, method)))
    .map((method) => ({ method, path, description: findDescription(route.stack, method) }));
}

function findDescription(stack: Router['stack'], method: OwnMethod): RouteDescription | undefined {
  const handles = stack.filter((layer) => isFor(layer, method)).map(({ handle }) => handle);
  return handles.map((handle) => descriptions.get(handle)).find((one) => one !== undefined);
}

/** A layer of `router.all` has no method. */
function isFor({ method }: { readonly method?: string }, wanted: OwnMethod): boolean {
  return method === undefined || method.toUpperCase() === wanted;
}

/**
 * Refuses routes at paths that the service answers itself, whatever the method: what it promises of them stays true.
 * @throws {StartError} that names both.
 */
export function requireFreePaths(own: readonly OwnRoute[], table: Routes): void {
  for (const { method, path } of own) {
    const taken = Object.keys(table).find((one) => overlaps(one, path));
    if (taken !== undefined)
      throw new StartError(
        `${method} ${path} cannot be a route of its own: every service answers ${taken} itself. Choose another path.`,
      );
  }
}

/** Whether an address can match both patterns. */
function overlaps(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => path.toLowerCase().split('/').filter(Boolean)) as [
    string[],
    string[],
  ];
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [x, y] = [a[at] ?? '', b[at] ?? ''];
    if (/[*{]/.test(x + y)) return true;
    if (x !== y && (x === '' || y === '' || !/:/.test(x + y))) return false;
  }
  return true;
}

/** What stands before and around routes of one's own. */
export interface OwnTableOptions {
  readonly routers: OwnRouters;
  readonly middleware: readonly RequestHandler[];
  readonly admission: Pick<Admission, 'hold'>;
  readonly reads: ReadGate;
  readonly gate: Pick<FaultGate, 'reads'>;
  readonly tracer: Tracer;
  readonly run: RunOwnCode;
}

/** Makes rows of the table of routes: a GET passes the gate of reads, whatever changes something takes a place. */
export function toOwnTable(own: readonly OwnRoute[], options: OwnTableOptions): Routes {
  const { admission, reads, gate, tracer, run } = options;
  const code = toRouter(options.middleware);
  for (const [mount, router] of Object.entries(options.routers)) code.use(mount, router);
  const read = reads.within('own', async (request, response) => {
    if ((await run(code, request, response, false)) === 'passed') throw notFound(request);
  });
  const change = admission.hold<Request, Parameters<RequestHandler>[1]>(async (request, response) => {
    // What it had done before it failed is unknown.
    if ((await run(code, request, response, null)) === 'passed') throw notFound(request);
  });
  const handlers = {
    GET: [gate.reads, traceRequest(tracer, read)],
    change: [requireAllowedOrigin, gate.reads, readOwnBody, parseOwnBody, traceRequest(tracer, change)],
  };
  const byPath = Map.groupBy(own, ({ path }) => path);
  return Object.fromEntries(
    [...byPath].map(([path, routes]) => [
      path,
      Object.fromEntries(routes.map(({ method }) => [method, handlers[method === 'GET' ? 'GET' : 'change']])),
    ]),
  );
}

/** A router of nothing but middleware. */
export function toRouter(middleware: readonly RequestHandler[]): Router {
  const router = Router();
  for (const one of middleware) router.use(one);
  return router;
}

/**
 * A page of any origin can send a POST without a body, which no browser asks about before: so where it comes from is
 * looked at here. cors.ts has marked those that may.
 */
const requireAllowedOrigin: RequestHandler = (request, response, next) => {
  if (response.getHeader('Access-Control-Allow-Origin') === undefined) requireOrigin(request);
  next();
};

/** The body is read before a place is taken, so that a slow one takes none. */
const readOwnBody: RequestHandler = (request, response, next) => {
  if (hasBody(request)) readJsonBytes(request, response, next);
  else next();
};

const parseOwnBody: RequestHandler = (request, _response, next) => {
  if (hasBody(request)) request.body = parseJsonBody(request);
  next();
};

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function notFound({ method, path }: Request): RequestError {
  return new RequestError('not-found', `Nothing answers ${method} ${path}.`);
}
