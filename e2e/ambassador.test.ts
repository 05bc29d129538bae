/** The real HAProxy and nginx in front of two payments, with deploy/ambassador as it is. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@holdfast/shared/core/until.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../lab/processes/ports.ts';
import { type ChainHost, createChainHost } from '../lab/proxies/chain-host.ts';
import { type HaproxySocket, openHaproxySocket } from '../lab/proxies/haproxy-socket.ts';
import { checkProxy, type RunningProxy } from '../lab/proxies/run-proxy.ts';
import { createHttpCalls } from '../lab/server/http-call.ts';
import { needing } from '../lab/test/support/needing.ts';
import { haproxySocketIn, startHaproxy, startNginx, writeNginxConfig } from '../lab/three-places/places.ts';
import { heal, makeSick, putFault } from '../lab/three-places/scenario.ts';
import { ask, create, createOrder } from './requests.ts';

const needs = await needing('haproxy', 'nginx');
const calls = createHttpCalls();
const proxies: RunningProxy[] = [];
let place: ChainHost;
let haproxy: HaproxySocket;
let urls: Readonly<Record<'order' | 'first' | 'second' | 'nginx', string>>;

beforeAll(async () => {
  place = await createChainHost();
  const [order = 0, first = 0, second = 0, shipment = 0, nginx = 0, port = 0] = await findFreePorts(6);
  const toUrl = (one: number) => `http://127.0.0.1:${one}`;
  const payment = { CHAIN_SVC: `${toUrl(shipment)}/create`, NEXT_NAME: 'shipment' };
  await place.start([
    { service: 'shipment', name: 'shipment', port: shipment, env: {} },
    { service: 'payment', name: 'payment', port: first, env: payment },
    { service: 'payment', name: 'payment-backup', port: second, env: payment },
    {
      service: 'order',
      name: 'order',
      port: order,
      // For order HAProxy is one instance: five calls that fail may open its own breaker, too.
      env: { CHAIN_SVC: `${toUrl(port)}/create`, NEXT_NAME: 'payment', BREAKER_OPEN_MS: '500' },
    },
  ]);
  proxies.push(await startHaproxy(place, { port, first, second }, { backup: true }));
  proxies.push(await startNginx(place, { port: nginx, first, second }, { backup: true }));
  haproxy = openHaproxySocket(haproxySocketIn(place));
  urls = { order: toUrl(order), first: toUrl(first), second: toUrl(second), nginx: toUrl(nginx) };
});
afterEach(() => heal(urls.first, calls));
afterAll(async () => {
  calls.close();
  for (const proxy of proxies) await proxy.stop();
  await place?.stop();
});

/** What HAProxy thinks of the first payment. */
async function statusOfFirst(): Promise<string | undefined> {
  return (await haproxy.servers()).find(({ server }) => server === 'first')?.status;
}

describe('the configurations', needs, () => {
  const config = fileURLToPath(new URL('../deploy/ambassador/haproxy.cfg', import.meta.url));

  it('are legal for HAProxy', () => {
    expect(checkProxy('haproxy', ['-c', '-f', config])).toBeUndefined();
  });

  it('are legal for nginx, with addresses of this machine in place of names', async () => {
    const ports = { port: 3080, first: 3001, second: 3003 };
    const path = await writeNginxConfig(place.folder, ports, { backup: true });
    expect(checkProxy('nginx', ['-t', '-e', 'stderr', '-p', place.folder, '-c', path])).toBeUndefined();
  });
});

describe('nginx', needs, () => {
  it('fails POSTs over to the backup: no payment fails, and the sick one is soon left alone', async () => {
    await makeSick(urls.first, 'green', calls);
    const statuses: number[] = [];
    for (let call = 0; call < 20; call += 1) {
      const { payment } = createOrder(randomUUID());
      statuses.push((await create(urls.nginx, payment)).status);
    }
    expect(statuses).toEqual(statuses.map(() => 200));
    const { wasted } = await heal(urls.first, calls);
    expect(wasted).toBeGreaterThanOrEqual(3);
    expect(wasted).toBeLessThanOrEqual(6);
  });
});

describe('HAProxy', needs, () => {
  it('leaves out a payment that says it is unready, though it lives, and takes it back when it is ready', async () => {
    await putFault(urls.first, 'red-probe', { type: 'unready' }, calls);
    await until('it is left out', async () => (await statusOfFirst()) === 'DOWN');
    const [alive, ready] = await Promise.all([ask(`${urls.first}/livez`), ask(`${urls.first}/readyz`)]);
    expect([alive.status, ready.status]).toEqual([200, 503]);

    const order = createOrder();
    expect((await create(urls.order, order)).status).toBe(200);
    const servers = await haproxy.servers();
    expect(servers.map(({ server, sent }) => [server, sent])).toEqual([
      ['first', 0],
      ['second', 1],
    ]);

    await heal(urls.first, calls);
    await until('it is back', async () => (await statusOfFirst())?.startsWith('UP'));
  });

  it('leaves out a payment that fails five times in a row, though its probe is green; every order is kept', async () => {
    await until('it is there', async () => (await statusOfFirst())?.startsWith('UP'));
    await makeSick(urls.first, 'green', calls);
    const statuses: number[] = [];
    while ((await statusOfFirst())?.startsWith('UP') && statuses.length < 20) {
      statuses.push((await create(urls.order)).status);
    }
    const { wasted } = await heal(urls.first, calls);
    expect(wasted).toBeGreaterThan(0);
    expect(wasted).toBeLessThanOrEqual(5);
    expect(statuses.filter((status) => status !== 200 && status !== 202)).toEqual([]);
    await until('nothing is pending', async () => {
      const { body } = await ask(`${urls.order}/orders?status=pending`);
      return (body.orders as unknown[]).length === 0;
    });
  });
});

it('what is wrong with a configuration is said in the words of the program', needs, () => {
  const wrong = join(place.folder, 'nowhere.cfg');
  expect(checkProxy('haproxy', ['-c', '-f', wrong])).toContain('nowhere.cfg');
});
