/**
 * Runs code of one's own within the bounds of a request: it answers in time, passes the request on, or is answered for.
 *
 * Whoever waits is answered 504 at the deadline. What the code writes after that is dropped, since it would throw where
 * nobody catches it; and its place stays taken until it has ended, or could have had all of its time, so that clients
 * that leave early gain nothing.
 */
import type { Request, RequestHandler, Response } from 'express';
import { isKnownError, OwnError } from '../core/errors.ts';
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
      let timers: NodeJS.Timeout[] = [];
      const finish = (how: OwnCodeEnd) => {
        for (const timer of timers) clearTimeout(timer);
        response.off('close', leave);
        resolve(how);
      };
      const watched = watchEnd(response, () => finish('over'));
      const fail = (error: unknown, known: false | null) => {
        finish('over');
        if (response.writableEnded) return;
        watched.release();
        options.fail(toOwnError(error), request, response, known);
      };
      const pass = () => {
        // It took so long that the caller was told that nothing came of it, or has left.
        if (response.writableEnded || response.destroyed) return finish('over');
        watched.release();
        finish('passed');
      };
      const giveUp = () => {
        controller.abort();
        watched.release();
        const error = new DeadlineExceededError('There was no answer while the caller waited for it.');
        options.fail(error, request, response, saved);
        watched.drop();
      };

      response.once('close', leave).setHeader('X-Request-Id', `${request.headers['x-request-id']}`);
      try {
        request.holdfast = createOwnRequest(request, controller.signal, options);
        request.holdfast.deadline.throwIfExpired();
      } catch (error) {
        return fail(error, false);
      }
      timers = [
        setTimeout(giveUp, request.holdfast.deadline.leftMs()),
        setTimeout(finish, options.requestTimeoutMs, 'over').unref(),
      ];
      code(request, response, (error?: unknown) => (error ? fail(error, saved) : pass()));
    });
}

/** Hears when own code ends a response, until the response is released; after `drop` nothing else comes of it. */
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
      const hear = () => {
        ended();
        return response;
      };
      Object.assign(response, head, { write: () => true, end: hear });
    },
  };
}

/** Errors with a status below 500, as `http-errors` makes them, are words for whoever asked; others are defects. */
function toOwnError(error: unknown): unknown {
  if (isKnownError(error) || !(error instanceof Error) || !('status' in error)) return error;
  const { status } = error;
  const isBodyReaders = 'type' in error;
  if (isBodyReaders || typeof status !== 'number') return fromExpress(error);
  return status >= 400 && status < 500 ? new OwnError(status, error.message, { cause: error }) : error;
}
