/**
 * Refuses unknown transfer codings and more than one Host, which Node's parser accepts, and answers what the parser
 * itself refuses. Every answer is a problem, if the connection can still be written to.
 */
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { RequestError } from '../core/errors.ts';
import { toProblem } from '../core/problem.ts';
import { sendProblem } from './send.ts';

/**
 * Requires one `Host` (RFC 9112, 3.2) and a body that is plain or chunked. The parser takes the first of two hosts, and
 * passes on the raw bytes of any other coding.
 */
export function requireClearFraming(service: string, handler: RequestListener): RequestListener {
  return (request, response) => {
    const error = findFault(request);
    if (error === undefined) return handler(request, response);
    request.on('error', () => undefined); // its body ends in the middle
    response.setHeader('Connection', 'close');
    const requestId = `${request.headers['x-request-id']}`;
    sendProblem(response, { service, requestId }, toProblem(error, false));
  };
}

function findFault({ headers, rawHeaders }: IncomingMessage): RequestError | undefined {
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    return new RequestError('not-implemented', 'The only Transfer-Encoding that is known here is chunked.');
  }
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (isHost(rawHeaders[at] ?? '')) hosts += 1;
  return hosts > 1 ? new RequestError('unreadable', 'A request has one Host.') : undefined;
}

function isHost(name: string): boolean {
  return name.length === 4 && name.toLowerCase() === 'host';
}

/** Answers to malformed requests by Node's error codes; any other is 400. */
const statuses: Readonly<Record<string, readonly [status: number, title: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large', 'Line and headers may have 16 kB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The body is too large', 'Its chunk extensions are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long', 'It did not come in whole in time.'],
};
const malformed = [400, 'The request cannot be read', 'It is not well-formed HTTP.'] as const;

/** Answers what the parser refuses, unless an answer is already being sent, and closes the connection. */
export function answerParserErrors(server: Server, service?: string): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const busy = (socket as Duplex & { _httpMessage?: { _headerSent?: boolean } })._httpMessage;
    if (error.code === 'ECONNRESET' || !socket.writable || busy?._headerSent === true) {
      socket.destroy();
      return;
    }
    const [status, title, detail] = statuses[error.code ?? ''] ?? malformed;
    const type = status === 413 ? '/problems/too-large' : '/problems/unreadable';
    const requestId = randomUUID();
    const body = JSON.stringify({ type, title, status, detail, saved: false, service, requestId });
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      'Cache-Control: no-store',
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
}
