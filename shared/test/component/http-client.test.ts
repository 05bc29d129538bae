/** One request over a real connection: what comes back, what becomes of it when nothing whole does, and for how long. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
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

  it('joins a repeated header, takes the first Retry-After, and a byte order mark for no part of the text', async () => {
    answer = (_request, response) => {
      response.setHeader('X-Many', ['a', 'b']).setHeader('Retry-After', ['1', '2']);
      response.end('\uFEFF{}');
    };
    const { header, text } = await send();
    expect([header('x-many'), header('retry-after'), text]).toEqual(['a, b', '1', '{}']);
  });

  it('leaves out of a header what no header may hold', async () => {
    answer = (request, response) => response.end(request.headers['x-name']);
    expect((await send({ headers: { 'X-Name': 'Łuk\nasz é' } })).text).toBe('ukasz é');
  });

  it('gives the body of a 200 as it comes to who asks for that, and of no other status', async () => {
    const pieces: string[] = [];
    const onBytes = (bytes: Buffer) => void pieces.push(bytes.toString());
    answer = (_request, response) => response.end('fine');
    expect([(await send({ onBytes })).text, pieces]).toEqual(['', ['fine']]);
    answer = (_request, response) => response.writeHead(503).end('no');
    expect([(await send({ onBytes })).text, pieces]).toEqual(['no', ['fine']]);
  });

  it('keeps the order of the bytes of a character that comes in two pieces', async () => {
    const bytes = Buffer.from('ä€');
    answer = (_request, response) =>
      response.write(bytes.subarray(0, 3), () => response.end(bytes.subarray(3)));
    expect((await send()).text).toBe('ä€');
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

describe('the connections', () => {
  it('are as many as there are attempts on the way, and are kept', async () => {
    const attempts = () => Promise.all(Array.from({ length: 30 }, () => send()));
    await attempts();
    await attempts();
    expect(connections).toBe(30);
  });

  it('are closed by the client when nothing was sent over them for its idle time', async () => {
    const hurried = createHttpClient({ idleMs: 30 });
    const connected = once(server, 'connection') as Promise<[Socket]>;
    await hurried.send({ method: 'GET', url, headers: {}, timeoutMs: 10_000 });
    const [socket] = await connected;
    if (!socket.closed) await once(socket, 'close');
    expect(connections).toBe(1);
    hurried.close();
  });

  it('make no attempt fail that the server has closed before', async () => {
    const connected = once(server, 'connection') as Promise<[Socket]>;
    await send();
    const [socket] = await connected;
    server.closeIdleConnections();
    if (!socket.closed) await once(socket, 'close');
    for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect((await send()).text).toBe('fine');
    expect(connections).toBe(2);
  });

  it.each(['GET', 'POST'] as const)('repeat no %s that one of them was closed under', async (method) => {
    await send();
    const arrived: unknown[] = [];
    answer = (request) => {
      arrived.push(request.method);
      request.socket.destroy();
    };
    await expect(send({ method })).rejects.toThrow('The connection was reset before the answer was whole.');
    expect((await send().catch((error: unknown) => error)) instanceof NeighbourError).toBe(true);
    expect(arrived).toEqual([method, 'POST']);
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
    await expect(send()).rejects.toMatchObject({
      code: 'neighbour-unreachable',
      message: 'No usable answer came: stream has been aborted.',
    });
  });

  const answerAs = async (bytes: string, end: (socket: Socket) => unknown) => {
    const strange = createTcpServer((socket) =>
      socket.once('data', () => socket.write(bytes, () => end(socket))),
    );
    await new Promise<void>((resolve) => strange.listen(0, '127.0.0.1', resolve));
    const { port } = strange.address() as AddressInfo;
    return send({ url: `http://127.0.0.1:${port}/create` }).finally(() => strange.close());
  };

  it.each([
    ['is no HTTP', 'SSH-2.0-Any\r\n', 'No usable answer came: Parse Error: Expected HTTP/, RTSP/ or ICE/.'],
    [
      'has headers without end',
      `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`,
      'No usable answer came: Parse Error: Header overflow.',
    ],
    [
      'lacks its last piece',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
      'No usable answer came: stream has been aborted.',
    ],
    ['ends in its headers', 'HTTP/1.1 200 OK\r\nA:', 'The connection was reset before the answer was whole.'],
  ])('says so: %s', async (_what, bytes, words) => {
    await expect(answerAs(bytes, (socket) => socket.end())).rejects.toThrow(words);
  });

  it('says so: is reset where the end of the connection would be the end of the answer', async () => {
    const bytes = 'HTTP/1.1 200 OK\r\n\r\nwhole';
    expect((await answerAs(bytes, (socket) => socket.end())).text).toBe('whole');
    await expect(answerAs(bytes, (socket) => socket.resetAndDestroy())).rejects.toThrow('was reset');
  });

  it('says so: has an unknown host, or another protocol', async () => {
    const sentTo = (address: string) => send({ url: address });
    await expect(sentTo('http://unknown.invalid/')).rejects.toThrow(/host name (is unknown|could not)/);
    await expect(sentTo('ftp://127.0.0.1/')).rejects.toThrow('Unsupported protocol ftp:.');
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
