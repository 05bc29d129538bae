/** A real HTTP server in the place of a service: a stream that a test speaks on, and one answer to all else. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { toMessage } from './stream-server.ts';

/** A request that was not for the stream. */
export interface Asked {
  readonly what: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer to it; no status at all hangs up. */
export interface Manner {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A service that is not real. */
export interface FakeService {
  readonly url: string;
  readonly asked: Asked[];
  /** `Last-Event-ID` of every attempt to listen; `undefined` where there was none. */
  readonly listened: (string | undefined)[];
  /** What whoever listens is told first. */
  greet(event: string, data: unknown, id?: string): void;
  tell(event: string, data: unknown, id?: string): void;
  behave(manner: Manner): void;
  /** How it answers `GET` of one path with its query; what no path is given for it answers as it behaves. */
  answerAt(path: string, manner: Manner): void;
  /** Ends every stream; the next attempt is answered again. */
  hangUp(): void;
}

/** Starts one; it ends with the test. */
export async function startFakeService(): Promise<FakeService> {
  const asked: Asked[] = [];
  const listened: (string | undefined)[] = [];
  const streams = new Set<ServerResponse>();
  let greetings = '';
  let usual: Manner = { status: 200, body: '{}' };
  const byPath = new Map<string, Manner>();
  const server = createServer(async (request, response) => {
    if (request.url === '/events' || request.url === '/events?calls=1') {
      listened.push(request.headers['last-event-id'] as string | undefined);
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
      response.write(greetings);
      streams.add(response);
      response.once('close', () => streams.delete(response));
      return;
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({ what: `${request.method} ${request.url}`, headers: request.headers, body });
    const manner = byPath.get(request.url ?? '') ?? usual;
    if (manner.status === undefined) request.socket.destroy();
    else {
      response.writeHead(manner.status, { 'Content-Type': 'application/json', ...manner.headers });
      response.end(manner.body);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    listened,
    greet(...message) {
      greetings = toMessage(...message);
    },
    tell(...message) {
      for (const stream of streams) stream.write(toMessage(...message));
    },
    behave(next) {
      usual = next;
    },
    answerAt: (path, manner) => void byPath.set(path, manner),
    hangUp() {
      for (const stream of streams) stream.end();
    },
  };
}
