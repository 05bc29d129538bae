/**
 * The Express app of a service: all middleware in one list, all routes in one table.
 */
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import packageJson from '../package.json' with { type: 'json' };
import type { Admission } from './admission.ts';
import { toStatus, viewOf } from './answers.ts';
import type { ChainGate } from './chain-gate.ts';
import { type CreateRequestParts, parseCreateRequest } from './create-request.ts';
import { HoldfastError, InvalidError, RequestError } from './errors.ts';
import { fromExpress } from './express-error.ts';
import type { Create } from './hop.ts';
import { readDocumentBytes } from './json-body.ts';
import type { MongoRecords } from './mongo-records.ts';
import type { Noun } from './noun.ts';
import type { Neighbour } from './open-next.ts';
import { answerDocs, answerDocsFile, answerOpenApi } from './openapi/pages.ts';
import { parseBrought, toPassedOn } from './passed-on.ts';
import type { Probes } from './probes.ts';
import { toProblem } from './problem.ts';
import { answerProblemPage } from './problem-page.ts';
import { parseExpand, readExpanded } from './read-expanded.ts';
import { type HopRecord, isKey, type State, states, toPartKey } from './record.ts';
import { createDeadline, parseTimeout, systemClock } from './resilience/deadline.ts';
import type { ForwardRequest } from './resilience/forward.ts';
import { type Routes, registerRoutes } from './route-table.ts';
import { type Sender, sendJson, sendProblem } from './send.ts';
import type { Log } from './telemetry/log.ts';
import { scopeFields } from './telemetry/scope.ts';
import { traceRequest } from './telemetry/trace-work.ts';
import type { Tracer } from './telemetry/tracer.ts';

/** What an app is made of. */
export interface ServiceParts extends CreateRequestParts {
  readonly noun: Noun;
  /** Tells the instances of one service apart. */
  readonly instance: string;
  /** Which release this instance belongs to, and the commit that it was built from. */
  readonly release: string;
  readonly commit: string;
  /** Whether what changes this service from outside exists. */
  readonly controls: boolean;
  readonly create: Create;
  readonly chain: Pick<ChainGate, 'isProven' | 'isFromHop' | 'seal'>;
  readonly admission: Pick<Admission, 'hold'>;
  readonly records: Pick<MongoRecords, 'find' | 'list' | 'backlog'>;
  readonly probes: Probes;
  /** The way to the next hop; absent at the end of the chain. */
  readonly next: Pick<Neighbour, 'name' | 'view' | 'read'> | undefined;
  readonly log: Log;
  readonly tracer: Tracer;
  /** What telemetry and the lab add to the routes of every service. */
  readonly routes: Routes;
}

/** Creates the app. It listens nowhere; lifecycle.ts does that. */
export function createService(parts: ServiceParts): Express {
  const { noun, gate } = parts;
  const app = express().disable('x-powered-by').disable('etag').set('query parser', 'simple');
  const answer = parts.admission.hold(answerCreate(parts));
  const createHandlers = [readDocumentBytes(parts.chain), traceRequest(parts.tracer, answer)];

  registerRoutes(app, {
    '/': { GET: [answerGreeting(parts)] },
    '/create': { POST: createHandlers },
    [`/${noun.plural}`]: { GET: [gate.reads, answerList(parts)], POST: createHandlers },
    [`/${noun.plural}/:id`]: { GET: [gate.reads, answerRead(parts)] },
    '/livez': { GET: [answerAlive] },
    '/readyz': { GET: [gate.readyz, answerReady(parts)] },
    '/version': { GET: [answerVersion(parts)] },
    '/problems/:code': { GET: [answerProblemPage] },
    '/openapi.json': { GET: [answerOpenApi({ ...parts, version: packageJson.version })] },
    '/docs': { GET: [answerDocs] },
    '/docs/:file': { GET: [answerDocsFile] },
    ...parts.routes,
  });

  app.use((request) => {
    throw new RequestError('not-found', `Nothing answers ${request.method} ${request.path}.`);
  });
  app.use(answerError(parts));
  return app;
}

function answerGreeting({ service }: ServiceParts): RequestHandler {
  return (_request, response) => {
    response.type('text/plain').send(`hello from ${service}\n`);
  };
}

const answerAlive: RequestHandler = (_request, response) => {
  response.json({ status: 'alive' });
};

/** `GET /readyz`; with `?verbose` also what is pending, what was done for callers that had left, and who is next. */
function answerReady({ probes, records, next }: ServiceParts): RequestHandler {
  return async (request, response) => {
    const { ready, ...why } = await probes.readiness();
    const status = ready ? 'ready' : 'unready';
    const isVerbose = request.query.verbose !== undefined && ready;
    const more = isVerbose
      ? {
          ...(await records.backlog(new Date(systemClock()))),
          finishedTooLate: probes.lateWork(),
          ...(next === undefined ? {} : { next: { name: next.name, ...next.view() } }),
        }
      : {};
    response.status(ready ? 200 : 503).json({ status, ...why, ...more });
  };
}

function answerVersion({ service, instance, release, commit }: ServiceParts): RequestHandler {
  return (_request, response) => {
    const { version } = packageJson;
    response.json({ service, instance, release, version, commit, node: process.version });
  };
}

function answerCreate(parts: ServiceParts): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    const sender = senderOf(parts, request);
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const isFromHop = await parts.chain.isFromHop(request, bytes);
    const create = parseCreateRequest({ request, response }, { ...sender, isFromHop }, parts);
    const answer = await parts.create(create);
    if (create.deadline.leftMs() === 0 || response.destroyed) parts.probes.countLateWork();
    if (answer.error !== undefined) logFailure(parts.log, answer.error, request, answer.status);
    sendJson(response, sender, answer);
  };
}

/** `GET /<plural>?status=pending&limit=20`: the oldest first. */
function answerList({ noun, records }: ServiceParts): RequestHandler {
  return async (request, response) => {
    const { state, limit } = parseListQuery(request.query);
    const found = await records.list(state, limit);
    response.set('Cache-Control', 'no-store').json({ [noun.plural]: found.map(viewOf) });
  };
}

function parseListQuery({ status = 'pending', limit = '20' }: Record<string, unknown>): {
  state: State;
  limit: number;
} {
  const state = states.find((one) => toStatus(one) === status);
  const count = /^\d{1,4}$/.test(String(limit)) ? Number(limit) : 0;
  const faults = [
    ...(state === undefined
      ? [{ pointer: '/status', detail: `Must be one of ${states.map(toStatus).join(', ')}.` }]
      : []),
    ...(count < 1 || count > 1000
      ? [{ pointer: '/limit', detail: 'Must be a whole number from 1 to 1000.' }]
      : []),
  ];
  if (state === undefined || faults.length > 0) throw new InvalidError('The query is invalid.', faults);
  return { state, limit: count };
}

/** `GET /<plural>/:id?parent=…&expand=…`: the document, and on request what became of its parts. */
function answerRead(parts: ServiceParts): RequestHandler {
  const { noun, records, service, clock, requestTimeoutMs } = parts;
  return async (request, response) => {
    const id = String(request.params.id);
    const names = parseExpand(request.query.expand, noun);
    const timeoutMs = parseTimeout(request.get('request-timeout-ms'), requestTimeoutMs);
    const record = await findPart(records, id, parseParent(request.query.parent));
    if (record === undefined) {
      throw new RequestError('not-found', `${service} keeps no document "${id}" in ${noun.plural}.`);
    }
    const view = await readExpanded(record, names, parts, {
      deadline: createDeadline(timeoutMs, clock),
      passedOn: toJourney(request, service),
    });
    response.set('Cache-Control', 'no-store').json(view);
  };
}

/** The last handler: nothing is known to be saved when an error comes this far. */
function answerError(parts: ServiceParts): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.writableEnded) return; // told already, as one whose body came too slowly
    if (response.headersSent) return next(error);
    const translated = fromExpress(error);
    const sender = senderOf(parts, request);
    const answer = toProblem(translated, false);
    logFailure(parts.log, translated, request, answer.problem.status);
    sendProblem(response, sender, answer);
  };
}

/** An id may be that of several parts: with its parent it is one document. */
async function findPart(
  records: ServiceParts['records'],
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
function toJourney(request: Request, service: string): ForwardRequest['passedOn'] {
  const requestId = `${request.headers['x-request-id']}`;
  return toPassedOn({ requestId, via: [], service, ...parseBrought(request) });
}

function senderOf({ service, chain }: ServiceParts, request: Request): Sender {
  return {
    service,
    requestId: `${request.headers['x-request-id']}`,
    seal: (status, text) => chain.seal(request, status, text),
  };
}

/** A defect is an error with its stack; everything expected is one debug line. */
function logFailure(log: Log, error: unknown, { headers }: Request, status: number): void {
  const scope = { requestId: `${headers['x-request-id']}`, traceparent: headers.traceparent?.toString() };
  if (!(error instanceof HoldfastError)) {
    log.error({ err: error, ...scopeFields(scope) }, `answered ${status}: a defect of this service`);
  } else if (error.code === 'loop') {
    log.error({ code: error.code, ...scopeFields(scope) }, error.message);
  } else {
    log.debug({ code: error.code, ...scopeFields(scope) }, `answered ${status}: ${error.message}`);
  }
}
