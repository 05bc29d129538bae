/**
 * Sends one request and returns the answer as text. The only importer of axios.
 *
 * Every status is an answer; what it means is up to the caller. Idle connections are closed sooner than the server
 * closes them, so that a request is rarely sent on a connection that is being closed.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { isAxiosError } from 'axios';
import { AttemptTimeoutError, NeighbourError } from './errors.ts';

/** An answer with any status. */
export interface HttpResponse {
  readonly status: number;
  /** The value of a header, by its lower-case name. */
  header(name: string): string | undefined;
  readonly text: string;
}

/** One request to one address. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** JSON as text; only with POST. */
  readonly body?: string;
  readonly headers: Record<string, string>;
  /** For connecting, sending and the whole answer; an integer in milliseconds, at least 1. */
  readonly timeoutMs: number;
  /** Aborts the request. */
  readonly signal?: AbortSignal;
}

/** Sends requests over connections of its own. */
export interface HttpClient {
  /**
   * @throws {AttemptTimeoutError} when the time is over.
   * @throws {NeighbourError} when no complete answer came: refused, reset, unknown host, truncated, too large.
   */
  send(attempt: HttpRequest): Promise<HttpResponse>;
  /** Closes the idle connections. */
  close(): void;
}

const maxAnswerBytes = 1_000_000;

/** Creates a client; `idleMs` is how long an unused connection is kept. */
export function createHttpClient({ idleMs = 30_000 }: { idleMs?: number } = {}): HttpClient {
  const agents = [HttpAgent, HttpsAgent].map((Agent) => new Agent({ keepAlive: true, timeout: idleMs })) as [
    HttpAgent,
    HttpsAgent,
  ];
  const client = axios.create({
    httpAgent: agents[0],
    httpsAgent: agents[1],
    maxRedirects: 0,
    proxy: false,
    decompress: false,
    maxContentLength: maxAnswerBytes,
    responseType: 'text',
    transformRequest: (text: unknown) => text,
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
  });

  return {
    async send({ method, url, body, headers, timeoutMs, signal }) {
      const controller = new AbortController();
      const abort = () => controller.abort();
      let isTimeOver = false;
      const timer = setTimeout(() => {
        isTimeOver = true;
        abort();
      }, timeoutMs);
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      try {
        const answer = await client.request<string>({
          method,
          url,
          data: body,
          // The answer is not decompressed, so it must not be compressed.
          headers: { 'Accept-Encoding': 'identity', ...headers },
          signal: controller.signal,
        });
        return {
          status: answer.status,
          header: (name) => answer.headers[name]?.toString(),
          text: answer.data ?? '',
        };
      } catch (error) {
        if (isTimeOver) throw new AttemptTimeoutError(`No answer within ${timeoutMs} ms.`, { cause: error });
        throw toNeighbourError(error);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      }
    },
    close() {
      for (const agent of agents) agent.destroy();
    },
  };
}

function toNeighbourError(error: unknown): NeighbourError {
  const code = isAxiosError(error) ? (error.code ?? '') : '';
  const message = error instanceof Error ? error.message : String(error);
  const words = reasons[code] ?? `No usable answer came: ${message || code}.`;
  return new NeighbourError('neighbour-unreachable', words, { cause: error });
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'The connection was refused: nobody listens there.',
  ECONNRESET: 'The connection was reset before the answer was whole.',
  ENOTFOUND: 'The host name is unknown.',
  EAI_AGAIN: 'The host name could not be looked up.',
  EPIPE: 'The connection was closed while the request was sent.',
  ECONNABORTED: 'The connection was closed before the answer was whole.',
};
