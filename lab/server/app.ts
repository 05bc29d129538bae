/**
 * The lab's Express app: all middleware in one list, all routes in one table.
 *
 * Every answer has a content security policy that allows only the lab's own files and requests to the lab. The pages
 * that show the API of a service have a policy of their own.
 */

import { isKnownError, RequestError } from '@holdfast/shared/core/errors.ts';
import { toProblem } from '@holdfast/shared/core/problem.ts';
import { fromExpress } from '@holdfast/shared/http/express-error.ts';
import { problemRoutes } from '@holdfast/shared/http/problem-page.ts';
import { toRequestId } from '@holdfast/shared/http/request-id.ts';
import { registerRoutes } from '@holdfast/shared/http/route-table.ts';
import { sendProblem } from '@holdfast/shared/http/send.ts';
import { limitLog } from '@holdfast/shared/observability/limited-log.ts';
import type { Log } from '@holdfast/shared/observability/log.ts';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { type ApiOptions, apiRoutes } from './api-routes.ts';
import { type ComparisonRouteOptions, comparisonRoutes } from './comparison-routes.ts';
import { type ExperimentRouteOptions, experimentRoutes } from './experiment-routes.ts';
import { historyRoutes } from './history-routes.ts';
import type { HttpCalls } from './http-call.ts';
import type { Page } from './page.ts';
import { readRoutes } from './read-routes.ts';
import { type RecordingRouteOptions, recordingRoutes } from './recording-routes.ts';
import { reportRoutes } from './report-routes.ts';
import { storyRoutes } from './story-routes.ts';
import { type TrialRouteOptions, trialRoutes } from './trial-routes.ts';

/** What the app is made of. */
export interface LabAppOptions
  extends ApiOptions,
    ComparisonRouteOptions,
    ExperimentRouteOptions,
    RecordingRouteOptions,
    TrialRouteOptions {
  readonly page: () => Page | undefined;
  readonly calls: HttpCalls;
  readonly log: Log;
}

/** The content security policy of the lab's answers. */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Creates the app. It listens nowhere; main.ts does that. */
export function createLabApp(options: LabAppOptions): Express {
  const { lab, page, access, reads } = options;
  const app = express().disable('x-powered-by').disable('etag').set('query parser', 'simple');

  app.use(protect);
  registerRoutes(app, {
    '/': { GET: [reads.within('file', answerPage(page))] },
    '/assets/:file': { GET: [reads.within('file', answerPage(page))] },
    '/events': { GET: [access.check, answerEvents(lab)] },
    ...apiRoutes(options),
    ...historyRoutes({ lab, reads, reader: access.check }),
    ...storyRoutes({ ...options, reader: access.check }),
    ...comparisonRoutes(options),
    ...experimentRoutes(options),
    ...trialRoutes(options),
    ...recordingRoutes(options),
    ...reportRoutes({ lab, reads, reader: access.check }),
    ...readRoutes({ ...options, reader: access.check }),
    '/livez': { GET: [answerAlive] },
    '/readyz': { GET: [answerReady(page)] },
    ...problemRoutes(reads, [{ text: 'Dashboard', href: '/' }]),
  });
  app.use((request) => {
    throw new RequestError('not-found', `Nothing answers ${request.method} ${request.path}.`);
  });
  app.use(answerError(options.log));
  return app;
}

const protect: RequestHandler = (request, response, next) => {
  request.headers['x-request-id'] = toRequestId(request.headers['x-request-id']);
  response.set({
    'Content-Security-Policy': contentPolicy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  next();
};

/** Answers a file of the page; the browser revalidates it each time. */
function answerPage(page: LabAppOptions['page']): RequestHandler {
  return (request, response) => {
    const made = page();
    if (made?.kind !== 'made') {
      const why = made?.why ?? 'The page is being made; load it again in a moment.';
      response
        .status(made === undefined ? 503 : 500)
        .type('text/plain')
        .send(`${why}\n`);
      return;
    }
    const file = made.files.get(request.path);
    if (file === undefined) throw new RequestError('not-found', 'There is no such file.');
    response.set({ 'Content-Type': file.type, ETag: file.etag, 'Cache-Control': 'no-cache' });
    if (request.headers['if-none-match'] === file.etag) response.status(304).end();
    else response.send(file.content);
  };
}

function answerEvents(lab: LabAppOptions['lab']): RequestHandler {
  return (request, response) => {
    const { lastEventId } = request.query;
    const asked = request.get('last-event-id') ?? (typeof lastEventId === 'string' ? lastEventId : undefined);
    lab.watch(request, response, asked);
  };
}

const answerAlive: RequestHandler = (_request, response) => {
  response.json({ status: 'alive' });
};

/** Ready when the page is bundled or has failed; the services do not count. */
function answerReady(page: LabAppOptions['page']): RequestHandler {
  return (_request, response) => {
    const isReady = page() !== undefined;
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'unready' });
  };
}

function answerError(log: Log): ErrorRequestHandler {
  const write = limitLog(log);
  return (error: unknown, request, response, _next) => {
    const translated = fromExpress(error);
    const requestId = `${request.headers['x-request-id']}`;
    if (!isKnownError(translated)) {
      const fields = { err: translated, requestId };
      write({ cause: 'defect', level: 'error', fields, message: 'a defect of the lab' });
    }
    if (response.headersSent) return void response.destroy();
    sendProblem(response, { service: 'lab', requestId }, toProblem(translated, false));
  };
}
