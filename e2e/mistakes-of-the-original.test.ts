/**
 * What the original chain got wrong, each with a test that says how it is here.
 *
 * One order process, alone, with a real database and a next hop where nobody listens: most of them need no more.
 */
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@holdfast/shared/core/until.ts';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Child } from '../lab/processes/child.ts';
import { readPlan } from '../scripts/start/plan.ts';
import { findFreePorts } from '../scripts/start/ports.ts';
import { type CountingProxy, startCountingProxy } from './counting-proxy.ts';
import { ask, create, createOrder } from './requests.ts';
import { isAlive, runNode } from './run-process.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
let database: Child;
let proxy: CountingProxy;
let order: Child;
let orderUrl: string;

beforeAll(async () => {
  database = runNode('embedded-mongo/src/main.ts', { MONGO_PORT: '0', MONGO_DATA_DIR: dataDir });
  const { port } = new URL((await database.says('ready ')).slice('ready '.length));
  proxy = await startCountingProxy(Number(port));
  order = runNode('order/src/main.ts', {
    PORT: '0',
    MONGO_URL: `mongodb://127.0.0.1:${proxy.port}`,
    CHAIN_SVC: 'http://127.0.0.1:1/create',
    BREAKER_OPEN_MS: '60000',
  });
  orderUrl = (await order.says('ready order=')).slice('ready order='.length);
});
afterAll(async () => {
  for (const running of [order, database])
    if (running !== undefined && isAlive(running.pid)) running.signal('SIGKILL');
  await proxy?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('what the original got wrong', () => {
  it('a refused connection leaves the caller alive, and the order is kept', async () => {
    expect(await create(orderUrl)).toMatchObject({
      status: 202,
      body: { status: 'pending', reason: expect.stringContaining('refused') },
    });
    expect(isAlive(order.pid)).toBe(true);
  });

  it('posting {} is refused with every missing field, and the service lives', async () => {
    expect(await create(orderUrl, {})).toMatchObject({
      status: 422,
      body: { saved: false, errors: [{ pointer: '/id' }, { pointer: '/items' }, { pointer: '/payment' }] },
    });
    expect(isAlive(order.pid)).toBe(true);
  });

  it('a failure is answered 202, again when it is repeated, and never 200', async () => {
    const content = createOrder();
    const statuses = [await create(orderUrl, content), await create(orderUrl, content)].map(
      ({ status }) => status,
    );
    expect(statuses).toEqual([202, 202]);
  });

  it('an open breaker is told in a sentence, without a code of a library', async () => {
    const rejected = await until('the breaker opens', async () => {
      const answer = await create(orderUrl);
      return `${answer.body.reason}`.startsWith('The breaker') && answer;
    });
    expect([rejected.status, rejected.body]).toEqual([
      202,
      {
        id: expect.any(String),
        status: 'pending',
        pendingAt: '127.0.0.1:1',
        reason: expect.stringMatching(
          /^The breaker order→\S+ opened .+ ago after .+ calls failed\. Next try in .+\.$/,
        ),
      },
    ]);
  });

  it('no answer shows internals of mongoose', async () => {
    const content = createOrder();
    const created = await create(orderUrl, content);
    const read = await ask(`${orderUrl}/orders/${content.id}`);
    expect(read.body.document).toEqual(content);
    expect(JSON.stringify([created.body, read.body])).not.toMatch(/\$__|_doc|isNew|__v|_id/);
  });

  it('fifty requests share the connections to the database', async () => {
    await create(orderUrl);
    const before = proxy.count();
    for (let request = 0; request < 50; request += 1) await create(orderUrl);
    expect(proxy.count() - before).toBeLessThanOrEqual(2);
  });

  it('an order that comes twenty times at once is stored once', async () => {
    const content = createOrder();
    await Promise.all(Array.from({ length: 20 }, () => create(orderUrl, content)));
    const client = new MongoClient(`mongodb://127.0.0.1:${proxy.port}`);
    onTestFinished(() => client.close());
    const kept = await client.db('holdfast').collection('orders').countDocuments({ 'body.id': content.id });
    expect(kept).toBe(1);
  });

  it('neither container_name nor a fixed host port forbids --scale', () => {
    const compose = readFileSync(new URL('../docker-compose.yaml', import.meta.url), 'utf8');
    const published = [...compose.matchAll(/^ +- *["']?(\S+:)?\d+:\d+["']?$/gm)].map(([line]) => line.trim());
    expect(compose).not.toMatch(/^\s*container_name:/m);
    // The front door and the dashboard: neither is scaled.
    expect(published).toEqual([
      expect.stringMatching(/\b3000:3000\b/),
      expect.stringMatching(/\b3010:3010\b/),
    ]);
  });

  it('the three services have a port each, and no start scripts', async () => {
    const ports = (await readPlan({}, findFreePorts)).services.map(({ port }) => port);
    expect(new Set(ports).size).toBe(3);
    expect(globSync('{order,payment,shipment}/**/*.sh', { exclude: ['**/node_modules/**'] })).toEqual([]);
  });

  it('in real time: with the database down it answers 503 within 8 s, and lives', async () => {
    database.signal('SIGKILL');
    await database.ended;
    const answer = await create(orderUrl);
    expect(answer).toMatchObject({ status: 503, body: { type: '/problems/store-unavailable', saved: null } });
    expect(answer.ms).toBeLessThan(8000);
    expect(isAlive(order.pid)).toBe(true);
  });
});
