/**
 * A real HTTP server in the place of the next hop, whose manners a test can change: answer, hang, reset, garbage.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { sealAnswer } from './as-hop.ts';

/** One request that the neighbour got. */
export interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly id: string };
}

/** What a neighbour does with a request. */
export type Manner = (request: Received, response: ServerResponse, socket: Socket) => void;

/** A neighbour that listens. */
export interface Neighbour {
  /** Its create endpoint. */
  readonly url: string;
  readonly received: Received[];
  behave(manner: Manner): void;
  stop(): Promise<void>;
}

/** Answers with a status and a body, proven as a hop's; text goes out as it is. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Manner {
  return (request, response) => {
    const isText = typeof body === 'string';
    const text = isText ? body : JSON.stringify(body);
    response.writeHead(status, {
      'Content-Type': isText ? 'text/html' : 'application/json',
      ...sealAnswer(request.headers['chain-proof'], status, text),
      ...headers,
    });
    response.end(text);
  };
}

/** Answers as the last hop of a chain would. */
export const completes: Manner = (request, response, socket) =>
  answer(200, {
    id: request.body.id,
    status: 'completed',
    message: 'This is neighbour @00:00 -> Last',
    hops: [{ service: 'neighbour', status: 'completed', ms: 1 }],
  })(request, response, socket);

/** Never answers. */
export const hangs: Manner = () => undefined;

/** Cuts the connection. */
export const resets: Manner = (_request, _response, socket) => socket.resetAndDestroy();

/** A new neighbour for every test, or for all tests of a file; hooks of its own start and stop it. */
export function useNeighbour(lifetime: 'test' | 'file' = 'test'): Omit<Neighbour, 'stop'> {
  let current: Neighbour;
  const [before, after] = lifetime === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(async () => {
    current = await startNeighbour();
  });
  after(() => current.stop());
  return {
    get url() {
      return current.url;
    },
    get received() {
      return current.received;
    },
    behave: (manner) => current.behave(manner),
  };
}

/** Starts a neighbour on a free port; it completes everything until told otherwise. */
export async function startNeighbour(): Promise<Neighbour> {
  let manner = completes;
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    // Alive, however it behaves to what it is sent.
    if (request.url === '/livez') return void response.end('{}');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    const one = { url: request.url ?? '', headers: request.headers, body };
    received.push(one);
    manner(one, response, request.socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/create`,
    received,
    behave(next) {
      manner = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
