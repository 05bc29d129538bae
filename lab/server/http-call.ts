/**
 * One request from the lab to a service: any status is an answer; no answer is an error.
 *
 * Connections are kept open for less time than a service keeps them. Redirects are not followed.
 */
import { Agent, type IncomingHttpHeaders, request as send } from 'node:http';
import { NeighbourError } from '@holdfast/shared/resilience/errors.ts';

/** A request. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The clock covers connecting, sending and the whole answer. */
  readonly timeoutMs: number;
}

/** An answer. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends requests to services. */
export interface HttpCalls {
  /** @throws {NeighbourError} when no whole answer came in time. */
  call(call: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

/** Largest answer in bytes; the numbers of many breakers have some hundred thousand. */
const maxAnswerBytes = 2_000_000;

/** Creates the client. */
export function createHttpCalls(): HttpCalls {
  const agent = new Agent({ keepAlive: true, timeout: 30_000 });
  return { call: (call) => callOnce(agent, call), close: () => agent.destroy() };
}

function callOnce(
  agent: Agent,
  { method, url, headers = {}, body, timeoutMs }: HttpRequest,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const outgoing = send(url, { method, agent, headers: { ...headers, ...length } });
    const timer = setTimeout(() => fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      outgoing.destroy();
      reject(toError(url, error));
    };
    outgoing.once('error', fail);
    outgoing.once('response', (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) fail(new Error(`more than ${maxAnswerBytes} bytes came`));
      });
      answer.once('error', fail);
      answer.once('end', () => {
        clearTimeout(timer);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) });
      });
    });
    outgoing.end(body);
  });
}

function toError(url: string, cause: Error): NeighbourError {
  const code = 'code' in cause ? String(cause.code) : '';
  const why = reasons[code] ?? cause.message;
  return new NeighbourError('neighbour-unreachable', `${new URL(url).origin} does not answer: ${why}.`, {
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
};
