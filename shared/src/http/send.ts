/**
 * Writes an answer to the wire: the same few lines for Express and for the raw server in front of it.
 */
import type { ServerResponse } from 'node:http';
import type { ProblemAnswer } from '../core/problem.ts';

/** What every answer carries. */
export interface Sender {
  readonly service: string;
  readonly requestId: string;
  /** Further headers that depend on what is sent. */
  readonly seal?: (status: number, text: string) => Readonly<Record<string, string>>;
}

/** Sends JSON; a problem goes out under its own media type, with who says it and about which request. */
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
  // A string goes out in one piece with the head; bytes would be a second piece.
  response.end(text);
}

/** Sends a problem that was made of an error. */
export function sendProblem(
  response: ServerResponse,
  sender: Sender,
  { problem, headers }: ProblemAnswer,
): void {
  sendJson(response, sender, { status: problem.status, headers, body: problem });
}
