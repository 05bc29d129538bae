/**
 * Writes JSON answers, for Express and for the raw server in front of it.
 */
import type { ServerResponse } from 'node:http';
import type { ProblemAnswer } from '../core/problem.ts';

/** What every answer says of its sender. */
export interface Sender {
  readonly service: string;
  readonly requestId: string;
  /** Makes further headers from the status and the body. */
  readonly seal?: (status: number, text: string) => Readonly<Record<string, string>>;
}

/** Sends JSON; a problem (from 400 on) gets its media type, the service and the request's id. */
export function sendJson(
  response: ServerResponse,
  sender: Sender,
  { status, headers, body }: { status: number; headers: Readonly<Record<string, string>>; body: object },
): void {
  const isProblem = status >= 400;
  const content = isProblem ? { ...body, service: sender.service, requestId: sender.requestId } : body;
  const text = JSON.stringify(content);
  response.writeHead(status, {
    ...headers,
    'Content-Type': isProblem ? 'application/problem+json' : 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Request-Id': sender.requestId,
    ...sender.seal?.(status, text),
  });
  // Node sends a string together with the head; bytes would be a second write.
  response.end(text);
}

/** Sends a problem. */
export function sendProblem(
  response: ServerResponse,
  sender: Sender,
  { problem, headers }: ProblemAnswer,
): void {
  sendJson(response, sender, { status: problem.status, headers, body: problem });
}
