/** Pages of other origins call nothing here, unless their origin is listed; then they read and create, no more. */
import { request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';

const hops = useHops('file');
const friend = 'http://127.0.0.1:3010';
let closed: RunningHop;
let open: RunningHop;
let named: RunningHop;

beforeAll(async () => {
  closed = await hops.start(frontKind, 'front');
  open = await hops.start(frontKind, 'front', { CORS_ORIGINS: `${friend},https://shop.example`, LAB: '1' });
  named = await hops.start(frontKind, 'front', { LAB: '1', LAB_HOSTS: 'Shop.example' });
});

const preflight = (url: string, origin: string, path = '/create') =>
  fetch(`${url}${path}`, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type,chain-parent',
    },
  });
const create = (url: string, origin: string, type = 'application/json') =>
  fetch(`${url}/create`, {
    method: 'POST',
    headers: { Origin: origin, 'Content-Type': type },
    body: JSON.stringify(createDocument()),
  });
const corsOf = ({ headers }: Response) =>
  [...headers].filter(([name]) => name.startsWith('access-control-')).map(([name]) => name);

describe('a page of an origin that is not listed', () => {
  it.each([
    ['by default', () => closed.url, friend],
    ['beside listed ones', () => open.url, 'http://127.0.0.1:3011'],
    ['as a sandboxed frame', () => open.url, 'null'],
    ['with a listed one as its beginning', () => open.url, `${friend}.evil.example`],
  ])('is told nothing that a browser would go on with, %s', async (_when, url, origin) => {
    const asked = await preflight(url(), origin);
    expect([asked.status, corsOf(asked)]).toEqual([204, []]);
    expect(corsOf(await create(url(), origin))).toEqual([]);
    expect(corsOf(await fetch(`${url()}/fronts`, { headers: { Origin: origin } }))).toEqual([]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'creates nothing with what needs no preflight: %s',
    async (type) => {
      const before = (await hops.stored('fronts')).length;
      expect((await create(closed.url, 'http://evil.example', type)).status).toBe(415);
      expect(await hops.stored('fronts')).toHaveLength(before);
    },
  );
});

describe('a page of a listed origin', () => {
  it('is let through with a short list of headers, none of them a hop’s', async () => {
    const asked = await preflight(open.url, friend);
    expect(asked.status).toBe(204);
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': friend,
      'access-control-allow-methods': 'GET, HEAD, POST',
      'access-control-allow-headers':
        'Content-Type, Request-Timeout-Ms, X-Request-Id, traceparent, tracestate, X-Release',
      vary: 'Origin',
    });
  });

  it('reads the answer to what it creates, and refusals', async () => {
    const created = await create(open.url, friend);
    expect([created.status, created.headers.get('access-control-allow-origin')]).toEqual([200, friend]);
    expect(created.headers.get('access-control-expose-headers')).toContain('Retry-After');
    const refused = await create(open.url, 'https://shop.example', 'text/plain');
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      415,
      'https://shop.example',
    ]);
  });

  it('may change nothing that runs', async () => {
    const answer = await fetch(`${open.url}/faults/slow`, {
      method: 'PUT',
      headers: { Origin: friend, 'Content-Type': 'application/json' },
      body: '{"type":"latency"}',
    });
    expect(answer.status).toBe(403);
  });
});

describe('a page whose name was bound to this machine', () => {
  it.each([
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['127.0.0.1.', 403],
    ['localhost.', 403],
    ['evil.', 403],
    ['[::1]evil.example', 403],
    ['shop.example', 200],
    ['SHOP.example:3000', 200],
    ['127.0.0.1:3000', 200],
    ['[::1]:3000', 200],
    ['LOCALHOST', 200],
    ['front:3000', 200],
    ['a-name-of-a-container', 200],
  ])(
    'with LAB=1 it reads and creates by no name but a known one: "%s" is answered %i',
    async (host, status) => {
      const before = (await hops.stored('fronts')).length;
      expect([await askAs(named.url, host, 'GET'), await askAs(named.url, host, 'POST')]).toEqual([
        status,
        status,
      ]);
      expect(await hops.stored('fronts')).toHaveLength(before + (status === 200 ? 1 : 0));
    },
  );

  it('without LAB=1 a service has any name, as behind a proxy', async () => {
    expect(await askAs(closed.url, 'documents.example', 'POST')).toBe(200);
  });
});

it('an answer is no part of any other page, whatever the page takes it for', async () => {
  for (const path of ['/', '/fronts', '/metrics', '/nothing']) {
    const { headers } = await fetch(`${closed.url}${path}`);
    expect([headers.get('x-content-type-options'), headers.get('cross-origin-resource-policy')]).toEqual([
      'nosniff',
      'same-origin',
    ]);
  }
  const { headers } = await create(closed.url, 'http://evil.example', 'text/plain');
  expect([headers.get('x-content-type-options'), headers.get('cross-origin-resource-policy')]).toEqual([
    'nosniff',
    'same-origin',
  ]);
});

/** Reads the list, or creates; `fetch` takes no Host. */
function askAs(url: string, host: string, method: 'GET' | 'POST'): Promise<number | undefined> {
  const headers = { Host: host, ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}) };
  return new Promise((resolve, reject) => {
    request(`${url}/fronts`, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end(method === 'POST' ? JSON.stringify(createDocument()) : undefined);
  });
}
