/** A real HTTP server with one `/events`, whose manners a test can change: speak, fall silent, hang up, refuse. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A stream to read from. */
export interface StreamServer {
  /** Without `/events`. */
  readonly url: string;
  /** The headers of every attempt to read so far. */
  readonly attempts: readonly IncomingHttpHeaders[];
  /** What was asked, as in `GET /events`. */
  readonly asked: readonly string[];
  /** What each connection is told first; replaces what was set before. */
  greet(...messages: readonly string[]): void;
  /** Answers every attempt with this status from now on; 200 opens streams again. */
  answerWith(status: number): void;
  /** Tells everybody who listens. */
  send(message: string): void;
  /** Ends every connection. */
  hangUp(): void;
  stop(): Promise<void>;
}

/** Writes one message as it goes over the wire. */
export function toMessage(event: string, data: unknown, id?: string): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return `${idLine}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Starts a stream on a free port. */
export async function startStreamServer(): Promise<StreamServer> {
  const attempts: IncomingHttpHeaders[] = [];
  const asked: string[] = [];
  const listening = new Set<ServerResponse>();
  let greetings: readonly string[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    attempts.push(request.headers);
    asked.push(`${request.method} ${request.url}`);
    if (status !== 200) {
      response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end('{}');
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    for (const message of greetings) response.write(message);
    listening.add(response);
    response.once('close', () => listening.delete(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    attempts,
    asked,
    greet(...messages) {
      greetings = messages;
    },
    answerWith(next) {
      status = next;
    },
    send(message) {
      for (const response of listening) response.write(message);
    },
    hangUp() {
      for (const response of listening) response.end();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
