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
import { createOwnRequest, type OwnRequestOptions } from './own-request.ts';

/** What running needs. */
export interface OwnCodeOptions extends OwnRequestOptions {
  /** Answers an error; `saved` as in a problem. */
  readonly fail: (error: unknown, request: Request, response: Response, saved: false | null) => void;
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
      const end = response.end.bind(response) as Response['end'];
      const timers: NodeJS.Timeout[] = [];
      let isGivenUp = false;
      const finish = (how: OwnCodeEnd) => {
        for (const timer of timers) clearTimeout(timer);
        response.off('close', leave);
        if (!isGivenUp) response.end = end;
        resolve(how);
      };
      const leave = () => controller.abort();
      const fail = (error: unknown, known = saved) => {
        finish('over');
        if (!response.writableEnded) options.fail(toOwnError(error), request, response, known);
      };
      response.once('close', leave);
      response.end = ((...content: Parameters<Response['end']>) => {
        finish('over');
        return end(...content);
      }) as Response['end'];
      response.setHeader('X-Request-Id', `${request.headers['x-request-id']}`);
      try {
        request.holdfast = createOwnRequest(request, controller.signal, options);
        const { deadline } = request.holdfast;
        deadline.throwIfExpired();
        timers.push(
          setTimeout(giveUp, deadline.leftMs()),
          setTimeout(finish, options.requestTimeoutMs, 'over').unref(),
        );
        code(request, response, (error?: unknown) => (error ? fail(error) : finish('passed')));
      } catch (error) {
        fail(error, false);
      }

      function giveUp(): void {
        controller.abort();
        isGivenUp = true;
        response.end = end;
        const error = new DeadlineExceededError('There was no answer while the caller waited for it.');
        options.fail(error, request, response, saved);
        const isLate = () => response;
        const drop = { setHeader: isLate, appendHeader: isLate, writeHead: isLate, removeHeader: isLate };
        Object.assign(response, drop, { write: () => true });
        response.end = (() => {
          finish('over');
          return response;
        }) as Response['end'];
      }
    });
}

/** Errors with a status below 500, as `http-errors` makes them, are words for whoever asked; others are defects. */
function toOwnError(error: unknown): unknown {
  if (isKnownError(error) || !(error instanceof Error) || !('status' in error)) return error;
  const { status } = error;
  const isBodyReaders = 'type' in error;
  if (isBodyReaders || typeof status !== 'number') return fromExpress(error);
  return status >= 400 && status < 500 ? new OwnError(status, error.message, { cause: error }) : error;
}
