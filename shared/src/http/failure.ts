/**
 * Turns an error into a problem for the client and a line in the log.
 */
import type { ErrorRequestHandler, Request, Response } from 'express';
import { isKnownError, toLogged } from '../core/errors.ts';
import { toProblem } from '../core/problem.ts';
import { limitLog } from '../observability/limited-log.ts';
import type { Log } from '../observability/log.ts';
import { scopeFields } from '../observability/scope.ts';
import type { ChainGate } from '../proof/chain-gate.ts';
import { fromExpress } from './express-error.ts';
import { type Sender, sendProblem } from './send.ts';

/** Who answers. */
export interface FailureOptions {
  readonly service: string;
  readonly chain: Pick<ChainGate, 'seal'>;
}

/** Answers an error with its problem, and logs it. */
export type Failure = (error: unknown, request: Request, response: Response, saved?: false | null) => void;

/** Creates the way to answer errors; nothing is known to be saved unless `saved` says otherwise. */
export function createFailure(options: FailureOptions, emit: LogFailure): Failure {
  return (error, request, response, saved = false) => {
    const translated = fromExpress(error);
    if (response.headersSent) {
      emit(translated, request, response.statusCode);
      return void response.destroy();
    }
    const answer = toProblem(translated, saved);
    emit(translated, request, answer.problem.status);
    sendProblem(response, senderOf(options, request), answer);
  };
}

/** Makes the last handler of an app. */
export function toErrorHandler(fail: Failure): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    if (response.writableEnded) return; // told already, as one whose body came too slowly
    fail(error, request, response);
  };
}

/** What the answer to a request carries. */
export function senderOf({ service, chain }: FailureOptions, request: Request): Sender {
  return {
    service,
    requestId: `${request.headers['x-request-id']}`,
    seal: (status, text) => chain.seal(request, status, text),
  };
}

/** Logs an error with the status that answers it. */
export type LogFailure = (error: unknown, request: Request, status: number) => void;

/** Creates the log of errors: a defect is an error with its stack, everything expected is one debug line. */
export function logFailures(log: Log): LogFailure {
  const write = limitLog(log);
  return (error, { headers }, status) => {
    const scope = { requestId: `${headers['x-request-id']}`, traceparent: headers.traceparent?.toString() };
    const fields = scopeFields(scope);
    if (!isKnownError(error)) {
      const message = `answered ${status}: a defect of this service`;
      write({ cause: placeOf(error), level: 'error', fields: { err: error, ...fields }, message });
    } else if (error.code === 'loop') {
      const { code, message } = error;
      write({ cause: code, level: 'error', fields: { code, ...fields }, message });
    } else {
      log.debug({ code: error.code, ...fields }, `answered ${status}: ${toLogged(error)}`);
    }
  };
}

/** Where in the code a defect is; its message may contain what a client sent, so it does not identify the cause. */
function placeOf(error: unknown): string {
  const frame = error instanceof Error ? /^\s+at .*$/m.exec(error.stack ?? '')?.[0].trim() : undefined;
  return `defect ${frame ?? typeof error}`;
}
