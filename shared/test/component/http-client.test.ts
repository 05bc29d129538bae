/** One request over a real connection: what comes back, what becomes of it when nothing whole does, and for how long. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AttemptTimeoutError, NeighbourError } from '../../src/resilience/errors.ts';
import { createHttpClient, type HttpClient, type HttpRequest } from '../../src/resilience/http-client.ts';

let server: Server;
let url: string;
let client: HttpClient;
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
let connections = 0;

beforeEach(async () => {
  client = createHttpClient();
  connections = 0;
  answer = (_request, response) => response.end('fine');
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    answer(request, response, Buffer.concat(chunks).toString());
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/create`;
});
afterEach(async () => {
  client.close();
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const send = (given: Partial<HttpRequest> = {}) =>
  client.send({ method: 'POST', url, body: '{"id":"a"}', headers: {}, timeoutMs: 10_000, ...given });

describe('an attempt', () => {
  it('sends its text and headers as they are, and asks for an answer that is not compressed', async () => {
    answer = (request, response, body) => {
      const { 'accept-encoding': encoding, 'x-request-id': id } = request.headers;
      response.end(JSON.stringify([request.method, request.url, body, encoding, id]));
    };
    const { text } = await send({ headers: { 'X-Request-Id': 'r', 'Content-Type': 'application/json' } });
    expect(JSON.parse(text)).toEqual(['POST', '/create', '{"id":"a"}', 'identity', 'r']);
  });

  it.each([200, 202, 302, 404, 503])('takes %i for an answer, whatever it means', async (status) => {
    answer = (_request, response) =>
      response.writeHead(status, { Location: '/elsewhere', 'Retry-After': '3' }).end('{"a" :1}');
    const got = await send();
    expect([got.status, got.text]).toEqual([status, '{"a" :1}']);
    expect([got.header('retry-after'), got.header('x-none')]).toEqual(['3', undefined]);
  });

  it('answers an empty text when there is none, and leaves what is compressed as it is', async () => {
    answer = (_request, response) => response.writeHead(204).end();
    expect((await send({ method: 'GET' })).text).toBe('');
    answer = (_request, response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('hello'));
    expect((await send()).text).not.toBe('hello');
  });

  it('goes straight to its address, past any proxy of the environment', async () => {
    for (const name of ['http_proxy', 'HTTP_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:1');
    for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '');
    expect((await send()).text).toBe('fine');
  });

  it('uses the connection of the last one, until the client is closed', async () => {
    await send();
    await send();
    expect(connections).toBe(1);
    client.close();
    await send();
    expect(connections).toBe(2);
  });
});

describe('an attempt that brings no whole answer', () => {
  it('is a time-out when its time is over, also in the middle of an answer', async () => {
    answer = () => undefined;
    await expect(send({ timeoutMs: 30 })).rejects.toThrow(AttemptTimeoutError);
    await expect(send({ timeoutMs: 30 })).rejects.toThrow('No answer within 30 ms.');
    answer = (_request, response) => response.write('half');
    await expect(send({ timeoutMs: 100 })).rejects.toThrow(AttemptTimeoutError);
  });

  it('says so: is refused', async () => {
    const error = await send({ url: 'http://127.0.0.1:1/create' }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NeighbourError);
    expect(error).toMatchObject({
      code: 'neighbour-unreachable',
      message: 'The connection was refused: nobody listens there.',
      cause: expect.any(Error),
    });
  });

  it('says so: is reset before an answer', async () => {
    answer = (request) => request.socket.resetAndDestroy();
    await expect(send()).rejects.toThrow('The connection was reset before the answer was whole.');
  });

  it('says so: is cut in the middle of an answer', async () => {
    answer = (request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('half', () => request.socket.destroy());
    };
    await expect(send()).rejects.toMatchObject({ code: 'neighbour-unreachable' });
  });

  it('says so: is longer than a megabyte', async () => {
    answer = (_request, response) => response.end('x'.repeat(1_000_001));
    await expect(send()).rejects.toThrow(/^No usable answer came: .*1000000/);
    answer = (_request, response) => response.end('x'.repeat(1_000_000));
    expect((await send()).text).toHaveLength(1_000_000);
  });
});

describe('an attempt that nobody waits for any more', () => {
  it('ends when its signal does, and is no time-out', async () => {
    const controller = new AbortController();
    answer = () => controller.abort();
    const error = await send({ signal: controller.signal }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'neighbour-unreachable' });
  });

  it('is not made when its signal had ended before', async () => {
    const answered = vi.fn();
    answer = answered;
    await expect(send({ signal: AbortSignal.abort() })).rejects.toThrow(NeighbourError);
    expect(answered).not.toHaveBeenCalled();
  });

  it('leaves nothing on a signal that lives longer', async () => {
    const { signal } = new AbortController();
    const [listens, forgets] = [
      vi.spyOn(signal, 'addEventListener'),
      vi.spyOn(signal, 'removeEventListener'),
    ];
    await send({ signal });
    expect(listens).toHaveBeenCalledOnce();
    expect(forgets.mock.calls.map((args) => args.slice(0, 2))).toEqual(
      listens.mock.calls.map((args) => args.slice(0, 2)),
    );
  });
});
