/**
 * Pages of other origins in a real Chromium, with all that such a page can try: on the front door, on the controls of a
 * service, and on the lab. One chain with its lab serves all of it, and is the same before and after.
 */
import { randomUUID } from 'node:crypto';
import { until } from '@holdfast/shared/core/until.ts';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chain, startChain } from '../../../e2e/chain.ts';
import { ask, create, createOrder } from '../../../e2e/requests.ts';
import { needing } from '../support/needing.ts';
import { type ForeignPage, serveForeignPage, toForeignPage } from './support/foreign-page.ts';
import { useBrowser } from './support/visit.ts';

const needs = await needing('chromium');
/** Names that somebody else owns, and has bound to this machine. */
const visit = useBrowser(['--host-resolver-rules=MAP *.example 127.0.0.1']);
const stranger = await serveForeignPage();
const friend = await serveForeignPage();
const friendly = `http://127.0.0.1:${friend.port}`;
const strangers = {
  'another port': `http://127.0.0.1:${stranger.port}`,
  'another name of this machine': `http://localhost:${stranger.port}`,
  'another site': `http://shop.example:${stranger.port}`,
};
/** Types of bodies that need no preflight; they are the types of forms, too. */
const simple = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];
let chain: Chain;
let database: MongoClient;

beforeAll(async () => {
  chain = await startChain({ LAB: '1', CORS_ORIGINS: friendly });
  database = await new MongoClient(chain.mongoUrl).connect();
  // What a stranger could take away: an order to read, and a fault to end.
  await create(chain.url('order'), createOrder('kept'));
  await ask(`${chain.url('shipment')}/faults/kept`, json('PUT', { type: 'latency', latencyMs: 1, rate: 0 }));
});
afterAll(async () => {
  await database?.close();
  await chain?.stop();
  await Promise.all([stranger.stop(), friend.stop()]);
});

describe.each(Object.entries(strangers))('a page of %s', needs, (_what, origin) => {
  it('creates no order, by no way that a page has', async () => {
    const page = await open(origin);
    const before = await state();
    const refused = await refusedPosts();
    const body = JSON.stringify(createOrder());
    for (const path of ['/create', '/orders']) {
      const url = `${chain.url('order')}${path}`;
      for (const credentials of ['omit', 'include']) {
        expect(await page.send(url, { ...json('POST', createOrder()), credentials })).toBe('closed');
      }
      for (const type of simple) {
        const init = { method: 'POST', body, headers: { 'Content-Type': type } };
        expect(await page.send(url, init)).toBe('closed');
        expect(await page.send(url, { ...init, mode: 'no-cors' })).toBe('closed');
      }
      expect(
        await page.send(url, { ...json('POST', createOrder()), mode: 'no-cors' }),
        'sent as plain text',
      ).toBe('closed');
      for (const type of simple) {
        await page.submit(url, type, body);
        await page.beacon(url, type, body);
      }
      await page.beacon(url, 'application/json', body);
    }
    // At each of two paths: three simple types, each by four ways, and JSON that the browser makes plain text.
    const sent = 2 * (3 * 4 + 1);
    await until('all that was sent has come', async () => (await refusedPosts()) >= refused + sent);
    expect(await state()).toEqual(before);
  });

  it('reads nothing, and makes nothing a part of itself', async () => {
    const page = await open(origin);
    const attempts = (url: string) => [
      page.send(url),
      page.send(url, { credentials: 'include' }),
      ...(['script', 'img', 'link'] as const).map((tag) => page.canEmbed(tag, url)),
    ];
    const got = readable().map(async (url) => [url, ...(await Promise.all(attempts(url)))]);
    expect(await Promise.all(got)).toEqual(
      readable().map((url) => [url, 'closed', 'closed', false, false, false]),
    );
    for (const part of ['order', 'lab'] as const)
      expect(await page.canListen(`${chain.url(part)}/events`)).toBe(false);
  });

  it('changes no fault, no breaker, no traffic and no document', async () => {
    const page = await open(origin);
    const before = await state();
    for (const [method, url, body] of controls()) {
      for (const credentials of ['omit', 'include']) {
        expect([url, await page.send(url, { ...json(method, body), credentials })]).toEqual([url, 'closed']);
        const plain = { method, mode: 'no-cors', credentials, body: JSON.stringify(body) };
        if (method === 'POST') expect([url, await page.send(url, plain)]).toEqual([url, 'closed']);
      }
      if (method === 'POST') await page.submit(url, 'text/plain', JSON.stringify(body));
    }
    expect(await state()).toEqual(before);
  });

  it('frames no page of ours, and keeps no hand on one that it opens', async () => {
    const page = await open(origin);
    const [lab, docs] = [`${chain.url('lab')}/`, `${chain.url('order')}/docs/`];
    for (const url of [lab, docs, `${lab}services/order/docs/`]) {
      expect([url, await page.canFrame(url)]).toEqual([url, false]);
    }
    for (const url of [lab, docs]) expect([url, await page.canHold(url)]).toEqual([url, false]);
  });
});

describe('a page whose name is bound to this machine later', needs, () => {
  it.each(['order', 'payment', 'lab'] as const)('reads and changes nothing of the %s', async (part) => {
    const before = await state();
    const { port, origin } = new URL(chain.url(part));
    const page = await open(`http://evil.example:${port}`);
    const ownPaths = (urls: readonly string[]) =>
      urls.filter((url) => url.startsWith(`${origin}/`)).map((url) => url.slice(origin.length));
    for (const path of ownPaths(readable())) expect([path, await page.send(path)]).toEqual([path, '403']);
    for (const [method, url, body] of controls()) {
      const [path] = ownPaths([url]);
      if (path !== undefined)
        expect([path, await page.send(path, json(method, body))]).toEqual([path, '403']);
    }
    expect(await page.canListen('/events')).toBe(false);
    expect(await page.send('/create', json('POST', createOrder()))).toBe(part === 'lab' ? '404' : '403');
    expect(await state()).toEqual(before);
  });
});

describe('a page that may', needs, () => {
  it('of a listed origin creates an order, reads the answer with its headers, and changes nothing that runs', async () => {
    const page = await open(friendly);
    const id = randomUUID();
    const url = `${chain.url('order')}/orders`;
    expect(await page.send(url, json('POST', createOrder()))).toBe('200');
    await ask(`${chain.url('payment')}/faults/away`, json('PUT', { type: 'error', status: 503 }));
    const headers = await page.readHeaders(url, json('POST', createOrder(id)));
    await fetch(`${chain.url('payment')}/faults`, { method: 'DELETE' });
    expect(headers).toMatchObject({
      location: expect.stringMatching(new RegExp(`/orders/${id}$`)),
      'retry-after': expect.any(String),
      'x-request-id': expect.any(String),
    });
    expect(await page.send(`${url}/${id}`)).toBe('200');
    expect(
      await page.send(url, { method: 'POST', body: 'x', headers: { 'Content-Type': 'text/plain' } }),
    ).toBe('415');
    const { headers: type, ...order } = json('POST', createOrder());
    const withFault = { ...order, headers: { ...type, 'Lab-Fault': 'order;latency=1' } };
    expect(await page.send(url, withFault), 'no preflight allows it').toBe('closed');
    expect(await page.send(`${chain.url('order')}/faults/x`, json('PUT', { type: 'latency' }))).toBe(
      'closed',
    );
    expect(await page.send(`${chain.url('lab')}/api/reset`, json('POST', {}))).toBe('closed');
  });

  it('is the lab’s own', async () => {
    const page = await open(`${chain.url('lab')}/`);
    await page.page.locator('.badge', { hasText: /^Live/ }).waitFor();
    expect(await page.send('/api/orders', json('POST', {}))).toMatch(/^20[012]$/);
  });
});

function readable(): string[] {
  const ofService = [
    '/orders',
    '/orders/kept',
    '/breakers',
    '/metrics',
    '/faults',
    '/openapi.json',
    '/version',
  ];
  const ofLab = [
    '/api/status',
    '/api/services/order/faults',
    '/services/order/metrics',
    '/services/order/openapi.json',
  ];
  return [
    ...ofService.map((path) => chain.url('order') + path),
    ...ofLab.map((path) => chain.url('lab') + path),
    `${chain.url('payment')}/breakers`,
  ];
}

function controls(): [method: string, url: string, body: object][] {
  const lab = chain.url('lab');
  const crash = { type: 'crash' };
  return [
    ['PUT', `${chain.url('order')}/faults/x`, crash],
    ['DELETE', `${chain.url('shipment')}/faults`, {}],
    ['DELETE', `${chain.url('shipment')}/faults/kept`, {}],
    ['PATCH', `${chain.url('payment')}/breakers/shipment`, { force: 'open' }],
    ['PUT', `${lab}/api/traffic`, { on: true }],
    ['POST', `${lab}/api/orders`, {}],
    ['POST', `${lab}/api/reset`, {}],
    ['POST', `${lab}/api/session`, {}],
    ['PUT', `${lab}/api/services/payment/faults/x`, crash],
    ['DELETE', `${lab}/api/services/shipment/faults`, {}],
    ['PATCH', `${lab}/api/services/payment/breakers/shipment`, { force: 'open' }],
  ];
}

/** Opens a page; what the browser says about its attempts is expected. */
async function open(url: string): Promise<ForeignPage> {
  return toForeignPage(await visit({ url, expected: /./ }));
}

/** Creates that the front door refused for what they claim to be. */
async function refusedPosts(): Promise<number> {
  const metrics = await (await fetch(`${chain.url('order')}/metrics`)).text();
  const lines = metrics.matchAll(
    /^http_server_request_duration_seconds_count\{.*method="POST".*status="415"\} (\d+)$/gm,
  );
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** All that an attempt could change. */
async function state() {
  const names = await database.db().admin().listDatabases();
  const counts: Record<string, number> = {};
  for (const { name } of names.databases) {
    for (const { name: collection } of await database.db(name).listCollections().toArray()) {
      if (/orders|payments|shipments/.test(collection)) {
        counts[`${name}.${collection}`] = await database.db(name).collection(collection).countDocuments();
      }
    }
  }
  const { body } = await ask(`${chain.url('lab')}/api/status`);
  const { traffic } = body as { traffic: { on: boolean } };
  const services = await Promise.all(
    (['order', 'payment', 'shipment'] as const).map(async (part) => {
      const url = chain.url(part);
      const { faults } = (await ask(`${url}/faults`)).body as { faults: { name: string }[] };
      const { breakers } = (await ask(`${url}/breakers`)).body as {
        breakers: { name: string; state: string; settings: object; forced: unknown }[];
      };
      return {
        pid: chain.pid(part),
        faults: faults.map(({ name }) => name),
        breakers: breakers.map(({ name, state, settings, forced }) => ({ name, state, settings, forced })),
      };
    }),
  );
  return { counts, traffic: traffic.on, services };
}

function json(method: string, body: object) {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}
