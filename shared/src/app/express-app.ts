/**
 * The Express app of a service: all middleware in one list, all routes in one table.
 */
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import packageJson from '../../package.json' with { type: 'json' };
import { InvalidError, RequestError } from '../core/errors.ts';
import type { Resource } from '../core/resource.ts';
import type { Tracer } from '../core/tracer.ts';
import { toStatus } from '../delivery/answers.ts';
import type { ForwardRequest } from '../delivery/forward.ts';
import type { Create } from '../delivery/hop.ts';
import { parsePropagatedHeaders, toPropagatedHeaders } from '../delivery/propagated-headers.ts';
import { parseExpand, readExpanded } from '../delivery/read-expanded.ts';
import { type HopRecord, isKey, states, toPartKey } from '../delivery/record.ts';
import type { Admission } from '../http/admission.ts';
import { type CreateRequestOptions, parseCreateRequest } from '../http/create-request.ts';
import {
  createFailure,
  type Failure,
  type LogFailure,
  logFailures,
  senderOf,
  toErrorHandler,
} from '../http/failure.ts';
import { readDocumentBytes } from '../http/json-body.ts';
import { createOwnCode, type RunOwnCode } from '../http/own-code.ts';
import type { CallNeighbour } from '../http/own-request.ts';
import {
  listOwnRoutes,
  type OwnRouters,
  requireFreePaths,
  toOwnTable,
  toRouter,
} from '../http/own-routes.ts';
import { problemRoutes } from '../http/problem-page.ts';
import type { ReadGate } from '../http/read-gate.ts';
import { type ListQuery, parseCursor, readList, toCursor } from '../http/read-list.ts';
import { parseTimeout } from '../http/request-timeout.ts';
import { type Routes, registerRoutes } from '../http/route-table.ts';
import { sendJson } from '../http/send.ts';
import type { Health } from '../observability/health.ts';
import type { Log } from '../observability/log.ts';
import { traceRequest } from '../observability/trace-work.ts';
import { answerDocs, answerDocsFile, answerOpenApi } from '../openapi/pages.ts';
import type { ChainGate } from '../proof/chain-gate.ts';
import { createDeadline, systemClock } from '../resilience/deadline.ts';
import type { MongoRecords } from '../store/mongo-records.ts';
import type { OpenedNext } from './open-next.ts';

/** What an app is made of. */
export interface AppOptions extends CreateRequestOptions {
  readonly resource: Resource;
  /** Tells the instances of one service apart. */
  readonly instance: string;
  /** Which release this instance belongs to, and the commit that it was built from. */
  readonly release: string;
  readonly commit: string;
  /** Whether what changes this service from outside exists. */
  readonly controls: boolean;
  readonly create: Create;
  readonly chain: Pick<ChainGate, 'isProven' | 'isFromHop' | 'provesFaults' | 'seal'>;
  readonly admission: Pick<Admission, 'hold'>;
  readonly records: Pick<MongoRecords, 'find' | 'list' | 'backlog'>;
  readonly health: Health;
  /** Bounds what only reads. */
  readonly reads: ReadGate;
  /** The way to the next hop; absent at the end of the chain. */
  readonly next: Pick<OpenedNext, 'name' | 'view' | 'read'> | undefined;
  readonly log: Log;
  readonly tracer: Tracer;
  /** What telemetry and the lab add to the routes of every service. */
  readonly routes: Routes;
  readonly own: OwnOptions;
}

/** What one service has beside what every service has. */
export interface OwnOptions {
  readonly routers: OwnRouters;
  /** Runs before routes of one's own and before creates. */
  readonly middleware: readonly RequestHandler[];
  readonly callNeighbour: CallNeighbour;
}

/** The app, and what answers creates without it. */
export interface App {
  readonly app: Express;
  /** Answers a create whose body is on the request. */
  readonly create: (request: Request, response: Response) => Promise<void>;
  readonly fail: Failure;
}

/**
 * Creates the app. It listens nowhere; lifecycle.ts does that.
 * @throws {StartError} when a route of one's own has a path that every service answers.
 */
export function createApp(options: AppOptions): App {
  const { resource, gate, reads, log, tracer, admission, own } = options;
  const emit = logFailures(log);
  const fail = createFailure(options, emit);
  const run = createOwnCode({ ...options, ...own, fail });
  const app = express().disable('x-powered-by').disable('etag').set('query parser', 'simple');
  const create = admission.hold(withMiddleware(own.middleware, run, answerCreate(options, emit)));
  const traced = traceRequest(tracer, create);
  const createHandlers = [readDocumentBytes(options.chain), traced];
  const ownRoutes = listOwnRoutes(own.routers);

  const table: Routes = {
    // Creates first: Express tries the routes in turn.
    '/create': { POST: createHandlers },
    [`/${resource.plural}`]: {
      GET: [gate.reads, reads.within('list', answerList(options))],
      POST: createHandlers,
    },
    '/': { GET: [answerGreeting(options)] },
    [`/${resource.plural}/:id`]: { GET: [gate.reads, reads.within(toReadKind, answerRead(options))] },
    '/livez': { GET: [answerAlive] },
    '/readyz': { GET: [gate.readyz, reads.within(toReadyKind, answerReady(options))] },
    '/version': { GET: [answerVersion(options)] },
    ...problemRoutes(reads, [
      { text: 'This API', href: '/docs/' },
      { text: 'openapi.json', href: '/openapi.json' },
    ]),
    '/openapi.json': {
      GET: [reads.within('file', answerOpenApi({ ...options, version: packageJson.version, ownRoutes }))],
    },
    '/docs': { GET: [reads.within('file', answerDocs)] },
    '/docs/:file': { GET: [reads.within('file', answerDocsFile)] },
    ...options.routes,
  };
  requireFreePaths(ownRoutes, table);
  registerRoutes(app, { ...table, ...toOwnTable(ownRoutes, { ...options, ...own, run }) });

  app.use((request) => {
    throw new RequestError('not-found', `Nothing answers ${request.method} ${request.path}.`);
  });
  app.use(toErrorHandler(fail));
  return {
    app,
    fail,
    async create(request, response) {
      try {
        await traced(request, response, () => undefined);
      } catch (error) {
        fail(error, request, response);
      }
    },
  };
}

/** Middleware of one's own runs in the place of its create, and before anything is kept. */
function withMiddleware(
  middleware: readonly RequestHandler[],
  run: RunOwnCode,
  create: AnswerCreate,
): AnswerCreate {
  if (middleware.length === 0) return create;
  const code = toRouter(middleware);
  return async (request, response) => {
    if ((await run(code, request, response, false)) === 'passed') await create(request, response);
  };
}

function answerGreeting({ service }: AppOptions): RequestHandler {
  return (_request, response) => {
    response.type('text/plain').send(`hello from ${service}\n`);
  };
}

const answerAlive: RequestHandler = (_request, response) => {
  response.json({ status: 'alive' });
};

/** Expanding costs the hops behind, too. */
function toReadKind({ query }: Request): 'expand' | 'read' {
  return query.expand === undefined || query.expand === '' ? 'read' : 'expand';
}

/** The probe itself is never refused. */
function toReadyKind({ query }: Request): 'report' | undefined {
  return query.verbose === undefined ? undefined : 'report';
}

/** `GET /readyz`; with `?verbose` also what is pending, what was done for callers that had left, and who is next. */
function answerReady({ health, records, next }: AppOptions): RequestHandler {
  return async (request, response) => {
    const { ready, ...why } = await health.readiness();
    const status = ready ? 'ready' : 'unready';
    const isVerbose = request.query.verbose !== undefined && ready;
    const more = isVerbose
      ? {
          ...(await records.backlog(new Date(systemClock()))),
          finishedTooLate: health.lateWork(),
          ...(next === undefined ? {} : { next: { name: next.name, ...next.view() } }),
        }
      : {};
    response.status(ready ? 200 : 503).json({ status, ...why, ...more });
  };
}

function answerVersion({ service, instance, release, commit }: AppOptions): RequestHandler {
  return (_request, response) => {
    const { version } = packageJson;
    response.json({ service, instance, release, version, commit, node: process.version });
  };
}

type AnswerCreate = (request: Request, response: Response) => Promise<void>;

function answerCreate(options: AppOptions, emit: LogFailure): AnswerCreate {
  return async (request, response) => {
    const sender = senderOf(options, request);
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const isFromHop = await options.chain.isFromHop(request, bytes);
    const provesFaults = options.chain.provesFaults(request);
    const create = parseCreateRequest({ request, response }, { ...sender, isFromHop, provesFaults }, options);
    const answer = await options.create(create);
    if (create.deadline.leftMs() === 0 || response.destroyed) options.health.countLateWork();
    if (answer.error !== undefined) emit(answer.error, request, answer.status);
    sendJson(response, sender, answer);
  };
}

/** `GET /<plural>?status=pending&limit=20`: the oldest first, and where the list goes on. */
function answerList({ resource, records, reads }: AppOptions): RequestHandler {
  return async (request, response) => {
    const query = parseListQuery(request.query);
    const { texts, next } = await readList(query, records.list, {
      isWanted: () => !response.destroyed,
      rest: reads.beginSteps(),
    });
    const more = next === undefined ? '' : `,"next":${JSON.stringify(toNextPage(query, toCursor(next)))}`;
    response.set('Cache-Control', 'no-store').type('json').send(`{"${resource.plural}":[${texts}]${more}}`);
  };
}

/** Relative to the address that was asked, so that a proxy may put a prefix in front. */
function toNextPage({ state, limit }: ListQuery, after: string): string {
  return `?status=${toStatus(state)}&limit=${limit}&after=${after}`;
}

function parseListQuery({ status = 'pending', limit = '20', after }: Record<string, unknown>): ListQuery {
  const state = states.find((one) => toStatus(one) === status);
  const count = /^\d{1,4}$/.test(String(limit)) ? Number(limit) : 0;
  const errors = [
    ...(state === undefined
      ? [{ pointer: '/status', detail: `Must be one of ${states.map(toStatus).join(', ')}.` }]
      : []),
    ...(count < 1 || count > 1000
      ? [{ pointer: '/limit', detail: 'Must be a whole number from 1 to 1000.' }]
      : []),
  ];
  if (state === undefined || errors.length > 0) throw new InvalidError('The query is invalid.', errors);
  return { state, limit: count, after: after === undefined ? undefined : parseCursor(String(after)) };
}

/** `GET /<plural>/:id?parent=…&expand=…`: the document, and on request what became of its parts. */
function answerRead(options: AppOptions): RequestHandler {
  const { resource, records, service, clock, requestTimeoutMs } = options;
  return async (request, response) => {
    const id = String(request.params.id);
    const names = parseExpand(request.query.expand, resource);
    const timeoutMs = parseTimeout(request.get('request-timeout-ms'), requestTimeoutMs);
    const record = await findPart(records, id, parseParent(request.query.parent));
    if (record === undefined) {
      throw new RequestError('not-found', `${service} keeps no document "${id}" in ${resource.plural}.`);
    }
    const view = await readExpanded(record, names, options, {
      deadline: createDeadline(timeoutMs, clock),
      propagatedHeaders: toPropagatedContext(request, service),
    });
    response.set('Cache-Control', 'no-store').json(view);
  };
}

/** An id may be that of several parts: with its parent it is one document. */
async function findPart(
  records: AppOptions['records'],
  id: string,
  parent: string | undefined,
): Promise<HopRecord | undefined> {
  const found = await records.find(id);
  if (parent === undefined || found === undefined || found.parent === parent) return found;
  const key = toPartKey(id, parent);
  return key === undefined ? undefined : records.find(key);
}

function parseParent(query: unknown): string | undefined {
  if (query === undefined) return undefined;
  if (typeof query === 'string' && isKey(query)) return query;
  const detail = 'Must be the id of a document, or the key of a part.';
  throw new InvalidError(`The query parameter parent is not legal. ${detail}`, [
    { pointer: '/parent', detail },
  ]);
}

/** A reading travels under the same headers as a document. */
function toPropagatedContext(request: Request, service: string): ForwardRequest['propagatedHeaders'] {
  const requestId = `${request.headers['x-request-id']}`;
  return toPropagatedHeaders({ requestId, via: [], service, ...parsePropagatedHeaders(request) });
}
