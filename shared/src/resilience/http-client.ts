/**
 * Sends one request and returns the answer as text. The only importer of axios.
 *
 * Every status is an answer; what it means is up to the caller. Idle connections are closed sooner than the server
 * closes them, so that a request is rarely sent on a connection that is being closed.
 */
import { Axios, AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { createConnections } from './connections.ts';
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
  /** Requests with the same text may share a message, if a client can do that; this one cannot. */
  readonly groupKey?: string | undefined;
  /** Takes the body of a 200 as it comes; such an answer has no text. */
  readonly onBytes?: (bytes: Buffer) => void;
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
  const connections = createConnections({ idleMs, maxAnswerBytes });
  const client = new Axios({ adapter });

  return {
    async send({ method, url, body, headers, timeoutMs, signal, onBytes }) {
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
          data: new Content(body, headers, onBytes),
          signal: controller.signal,
        });
        return {
          status: answer.status,
          header: (name) => answer.headers[name]?.toString(),
          text: answer.data,
        };
      } catch (error) {
        if (isTimeOver) throw new AttemptTimeoutError(`No answer within ${timeoutMs} ms.`, { cause: error });
        throw toUnreachable(error as Error & { code?: string });
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      }
    },
    close() {
      connections.close();
    },
  };

  async function adapter(config: InternalAxiosRequestConfig<Content>): Promise<AxiosResponse<string>> {
    const { body, headers, onBytes } = config.data as Content;
    const answer = await connections.exchange({
      method: `${config.method}`.toUpperCase(),
      url: `${config.url}`,
      headers,
      body,
      signal: config.signal as AbortSignal,
      onBytes,
    });
    return {
      status: answer.status,
      statusText: answer.statusText,
      headers: Object.assign(new AxiosHeaders(), answer.headers),
      data: answer.text,
      config,
    };
  }
}

/** What is sent of a request; a class, since axios copies plain objects, and the headers several times. */
class Content {
  readonly body: string | undefined;
  readonly headers: Record<string, string>;
  readonly onBytes: HttpRequest['onBytes'];

  constructor(body: string | undefined, headers: Record<string, string>, onBytes: HttpRequest['onBytes']) {
    this.body = body;
    this.onBytes = onBytes;
    // The answer is not decompressed, so it must not be compressed.
    this.headers = { 'Accept-Encoding': 'identity', ...headers };
  }
}

/** What follows from a failed exchange: no whole answer came, by the code of Node's client or the message of the error. */
export function toUnreachable(error: { readonly code?: string; readonly message?: string }): NeighbourError {
  const { code = '', message } = error;
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
