import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type ConnectionKind, createWireClient } from '../../../chaos/wire-client.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(handler: RequestListener, connections: ConnectionKind = 'kept', patienceMs = 5000) {
  const server = createServer(handler);
  const senders: (string | undefined)[] = [];
  server.on('connection', ({ remoteAddress }: Socket) => senders.push(remoteAddress));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const settings = { url: `http://127.0.0.1:${port}`, connections, patienceMs, from: '127.0.0.2' };
  const client = createWireClient(settings);
  ends.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
    () => client.close(),
  );
  return { client, senders };
}

const echo: RequestListener = async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  response.statusCode = text === '{"ö":1}' && request.url === '/create' ? 200 : 400;
  response.end(text.repeat(20_000));
};

describe('the client for load', () => {
  it.each([
    ['kept', 1],
    ['new', 3],
  ] as const)('sends requests one after another on %s connections: %i', async (kind, count) => {
    const { client, senders } = await start(
      (request, response) =>
        void request.resume().once('end', () => response.writeHead(503, { 'Content-Length': 2 }).end('no')),
      kind,
    );
    for (let n = 0; n < 3; n += 1) expect(await client.post('/create', '{}')).toBe(503);
    expect(senders).toEqual(Array(count).fill('127.0.0.2'));
  });

  it('sends what it is given, and waits for the whole answer', async () => {
    const { client, senders } = await start((request, response) => {
      response.setHeader('Content-Length', 160_000);
      return echo(request, response);
    });
    expect(await client.post('/create', '{"ö":1}')).toBe(200);
    expect(await client.post('/other', '{"ö":1}')).toBe(400);
    expect(senders).toHaveLength(1);
  });

  it('sends requests that wait at the same time on connections of their own', async () => {
    const waiting: (() => unknown)[] = [];
    const { client, senders } = await start((_request, response) => void waiting.push(() => response.end()));
    const both = [client.post('/', '{}'), client.post('/', '{}')];
    await expect.poll(() => waiting.length).toBe(2);
    for (const answer of waiting) answer();
    expect(await Promise.all(both)).toEqual([200, 200]);
    expect(senders).toHaveLength(2);
  });

  it('gives up after its patience, and where the answer is cut short', async () => {
    expect(await (await start(() => undefined, 'kept', 20)).client.post('/', '{}')).toBe(0);
    const cut = await start((request) =>
      request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
    );
    expect(await cut.client.post('/', '{}')).toBe(0);
  });
});
