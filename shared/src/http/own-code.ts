/**
 * Runs code of one's own within the bounds of a request: it answers in time, passes the request on, or gets a 504.
 *
 * What the code writes after the 504 is dropped, since it would throw where nothing catches it. Its place stays taken
 * until it has ended, or REQUEST_TIMEOUT_MS is over: a client that leaves early frees no place.
 */
import type { Request, RequestHandler, Response } from 'express';
import { HttpError, isKnownError } from '../core/errors.ts';
import { DeadlineExceededError } from '../resilience/errors.ts';
import { fromExpress } from './express-error.ts';
import type { Failure } from './failure.ts';
import { createOwnRequest, type OwnRequestOptions } from './own-request.ts';

/** What running needs. */
export interface OwnCodeOptions extends OwnRequestOptions {
  readonly fail: Failure;
}

/** How it ended: `next()` was called, or there is an answer. */
export type OwnCodeEnd = 'passed' | 'over';

/** Runs `code`, and resolves when it has ended. Never rejects. */
export type RunOwnCode = (
  code: RequestHandler,
  request: Request,
  response: Response,
  saved: false | null,
) => Promise<OwnCodeEnd>;

/** Creates the runner of a service. */
export function createOwnCode(options: OwnCodeOptions): RunOwnCode {
  return (code, request, response, saved) =>
    new Promise((resolve) => {
      const controller = new AbortController();
      const leave = () => controller.abort();
      let timer: NodeJS.Timeout | undefined;
      const finish = (how: OwnCodeEnd) => {
        clearTimeout(timer);
        response.off('close', leave);
        resolve(how);
      };
      const watched = watchEnd(response, () => finish('over'));
      const fail = (error: unknown, known: false | null) => {
        finish('over');
        if (response.writableEnded) return;
        watched.release();
        options.fail(toRouteError(error), request, response, known);
      };
      const pass = () => {
        // The caller has its 504, or has left: what comes next must not begin.
        if (response.writableEnded || response.destroyed) return finish('over');
        watched.release();
        finish('passed');
      };
      const timeOut = (restMs: number) => {
        controller.abort();
        watched.release();
        const error = new DeadlineExceededError('There was no answer while the caller waited for it.');
        options.fail(error, request, response, saved);
        watched.drop();
        timer = setTimeout(finish, restMs, 'over').unref();
      };

      response.once('close', leave).setHeader('X-Request-Id', `${request.headers['x-request-id']}`);
      try {
        request.holdfast = createOwnRequest(request, controller.signal, options);
        request.holdfast.deadline.throwIfExpired();
      } catch (error) {
        return fail(error, false);
      }
      // One timer after the other: of two that are due together under load, the later one may run first.
      const leftMs = request.holdfast.deadline.leftMs();
      timer = setTimeout(timeOut, leftMs, options.requestTimeoutMs - leftMs);
      code(request, response, (error?: unknown) => (error ? fail(error, saved) : pass()));
    });
}

/** Calls `ended` when own code ends the response, until `release`; after `drop` whatever it writes has no effect. */
function watchEnd(response: Response, ended: () => void): { release(): void; drop(): void } {
  const end = response.end.bind(response) as Response['end'];
  response.end = ((...content: Parameters<Response['end']>) => {
    ended();
    return end(...content);
  }) as Response['end'];
  return {
    release() {
      response.end = end;
    },
    drop() {
      const ignore = () => response;
      const head = { setHeader: ignore, appendHeader: ignore, removeHeader: ignore, writeHead: ignore };
      const endOnly = () => {
        ended();
        return response;
      };
      Object.assign(response, head, { write: () => true, end: endOnly });
    },
  };
}

/** Errors with a status below 500, as `http-errors` makes them, carry words for the client; others are defects. */
function toRouteError(error: unknown): unknown {
  if (isKnownError(error) || !(error instanceof Error) || !('status' in error)) return error;
  const { status } = error;
  const isBodyReaders = 'type' in error;
  if (isBodyReaders || typeof status !== 'number') return fromExpress(error);
  return status >= 400 && status < 500 ? new HttpError(status, error.message, { cause: error }) : error;
}
