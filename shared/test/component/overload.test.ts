/** What one client does to take the places of all others, and a well-behaved one beside it who notices nothing. */
import { randomUUID } from 'node:crypto';
import { Agent, request as send } from 'node:http';
import { connect, type Socket } from 'node:net';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../src/core/until.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { completes, hangs, useNeighbour } from '../support/neighbour.ts';

const neighbour = useNeighbour();
const hops = useHops();
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
});

const start = (env: Record<string, string> = {}) =>
  hops.start(frontKind, 'front', {
    CHAIN_SVC: neighbour.url,
    RETRY_ATTEMPTS: '1',
    BREAKER_MIN_CALLS: '1000',
    ...env,
  });

/** A connection, and what came back on it. */
async function dial(url: string, from = '127.0.0.1'): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress: from });
  sockets.push(socket);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, heard: () => text };
}

function toText(body: string, length = Buffer.byteLength(body)): string {
  return `POST /create HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

/** Documents one after another, on one connection of an address. */
async function orderPolitely(url: string, count: number, from = '127.0.0.1'): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statuses: number[] = [];
  for (let n = 0; n < count; n += 1) statuses.push(await orderFrom(url, from, agent));
  agent.destroy();
  return statuses;
}

function orderFrom(url: string, localAddress: string, agent?: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    const sent = send(`${url}/create`, { method: 'POST', localAddress, agent, headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(createDocument()));
  });
}

describe('bodies that do not end', () => {
  it('take no place from whole ones: beside 260 of them every document is answered 200', async () => {
    const hop = await start();
    const stalled = await Promise.all(Array.from({ length: 260 }, () => dial(hop.url)));
    for (const { socket } of stalled) socket.write(toText('{"id":', 90_000));
    expect(await orderPolitely(hop.url, 20)).toEqual(Array(20).fill(200));
    await until(
      'the oldest had to go',
      () => stalled.filter(({ heard }) => / 503 /.test(heard())).length >= 4,
    );
    expect(stalled.at(-1)?.heard()).not.toContain('/problems/overloaded');
  });

  it('in real time: are answered 408 after 2.5 s, and the connection is closed', async () => {
    const hop = await start();
    const { socket, heard } = await dial(hop.url);
    const startedAt = performance.now();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(toText('{"id":', 90_000));
    await closed;
    expect(performance.now() - startedAt).toBeGreaterThan(2400);
    expect(heard()).toMatch(/^HTTP\/1\.1 408 /);
    expect(heard()).toMatch(/connection: close/i);
    expect(JSON.parse(heard().split('\r\n\r\n')[1] ?? '')).toMatchObject({
      type: '/problems/too-slow',
      saved: false,
    });
    expect((await request(hop.url).post('/create').send(createDocument())).status).toBe(200);
    expect(hops.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('clients that leave', () => {
  it('make no room by leaving: a place is held until the work has ended', async () => {
    const hop = await start({ ADMISSION_MAX: '2' });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    neighbour.behave((...call) => void released.then(() => completes(...call)));
    for (let n = 1; n <= 2; n += 1) {
      const { socket } = await dial(hop.url);
      socket.write(toText(JSON.stringify(createDocument())));
      await expect.poll(() => neighbour.received.length).toBe(n);
      socket.destroy();
    }
    expect((await request(hop.url).get('/livez')).status).toBe(200); // by now it has heard of that
    expect((await request(hop.url).post('/create').send(createDocument())).status).toBe(503);
    expect(neighbour.received).toHaveLength(2);
    release();
    await until(
      'there is room again',
      async () => (await request(hop.url).post('/create').send(createDocument())).status === 200,
    );
  });
});

describe('one who holds all that there is', () => {
  const hold = async (url: string, documents: number, from: string) => {
    const all = await Promise.all(Array.from({ length: documents }, () => dial(url, from)));
    for (const { socket } of all) socket.write(toText(JSON.stringify(createDocument())));
    await until('all are in work or refused', () => {
      const refused = all.filter(({ heard }) => / 503 /.test(heard())).length;
      return neighbour.received.length + refused === documents;
    });
    return all;
  };
  const hangsBut = (innocent: Set<string>) =>
    neighbour.behave((call, ...more) => (innocent.has(call.body.id) ? completes : hangs)(call, ...more));

  it('leaves places for another address', async () => {
    const hop = await start({ ATTEMPT_TIMEOUT_MS: '20000', REQUEST_TIMEOUT_MS: '20000' });
    neighbour.behave(hangs);
    await hold(hop.url, 110, '127.0.0.2');
    expect(neighbour.received.length).toBe(66);
    neighbour.behave(completes);
    expect(await orderPolitely(hop.url, 20, '127.0.0.3')).toEqual(Array(20).fill(200));
  });

  it('leaves places for other connections, when it has one with very many documents in it', async () => {
    const hop = await start({ ATTEMPT_TIMEOUT_MS: '20000', REQUEST_TIMEOUT_MS: '20000' });
    const ids = Array.from({ length: 100 }, () => randomUUID());
    hangsBut(new Set());
    const { socket } = await dial(hop.url);
    socket.write(ids.map((id) => toText(JSON.stringify(createDocument(id)))).join(''));
    await until('half of the places are taken', () => neighbour.received.length === 44);
    neighbour.behave(completes);
    expect(await orderPolitely(hop.url, 20)).toEqual(Array(20).fill(200));
    expect(neighbour.received.length).toBe(64);
  });

  it('gives up a stream of events for another address', async () => {
    const hop = await start();
    const listen = async (from: string) => {
      const one = await dial(hop.url, from);
      one.socket.write('GET /events HTTP/1.1\r\nHost: a\r\n\r\n');
      await until('an answer', () => one.heard().length > 0);
      return one;
    };
    const all = await Promise.all(Array.from({ length: 32 }, () => listen('127.0.0.2')));
    expect((await listen('127.0.0.2')).heard()).toMatch(/^HTTP\/1\.1 503 /);
    expect((await listen('127.0.0.3')).heard()).toMatch(/^HTTP\/1\.1 200 /);
    await until('one has to go', () => all.filter(({ heard }) => heard().endsWith('0\r\n\r\n')).length === 1);
  });
});
