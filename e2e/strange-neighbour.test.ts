/** Order as a real process, alone, with a next hop that refuses, talks nonsense or hangs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Child } from '../lab/processes/child.ts';
import { answer, hangs, type Neighbour, resets, startNeighbour } from '../shared/test/support/neighbour.ts';
import { create, createOrder } from './requests.ts';
import { isAlive, runNode } from './run-process.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
let database: Child;
let order: Child;
let orderUrl: string;
let neighbour: Neighbour;

beforeAll(async () => {
  database = runNode('embedded-mongo/src/main.ts', { MONGO_PORT: '0', MONGO_DATA_DIR: dataDir });
  const MONGO_URL = (await database.says('ready ')).slice('ready '.length);
  neighbour = await startNeighbour();
  order = runNode('order/src/main.ts', {
    PORT: '0',
    MONGO_URL,
    CHAIN_SVC: neighbour.url,
    NEXT_NAME: 'payment',
    ATTEMPT_TIMEOUT_MS: '500',
    BREAKER_MIN_CALLS: '1000',
  });
  orderUrl = (await order.says('ready order=')).slice('ready order='.length);
});
afterAll(async () => {
  for (const running of [order, database])
    if (running !== undefined && isAlive(running.pid)) running.signal('SIGKILL');
  await neighbour?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const html = '<!doctype html><title>Welcome</title><h1>It works</h1>';

it.each([
  ['resets the connection', resets, 'payment: The connection was reset before the answer was whole.'],
  ['answers 200 with HTML', answer(200, html), 'payment: It answered 200 without a document'],
  ['answers 200 with JSON of something else', answer(200, { ok: true }), 'payment: It answered 200 without'],
  [
    'answers 200 for another document',
    answer(200, { id: 'x', status: 'completed' }),
    'payment: It answered 200',
  ],
  ['answers 200 with half a body', answer(200, '{"id":'), 'payment: It answered 200 without a document'],
  ['answers 404', answer(404, html), 'payment: It answered 404, which says nothing about the document'],
  ['answers 500', answer(500, html), 'payment: It answered 500: not a body of this chain'],
  ['hangs', hangs, 'payment: No answer within 500 ms.'],
] as const)('a next hop that %s is said in words, and the order is kept', async (_what, manner, reason) => {
  neighbour.behave(manner);
  const content = createOrder();
  const { body, ...got } = await create(orderUrl, content);
  expect(got.status).toBe(202);
  expect(got.headers.get('location')).toBe(`/orders/${content.id}`);
  expect(body).toEqual({
    id: content.id,
    status: 'pending',
    pendingAt: 'payment',
    reason: expect.stringContaining(reason),
  });
  expect(isAlive(order.pid)).toBe(true);
});

it('a next hop where nobody listens any more is said in words, and the order is kept', async () => {
  await neighbour.stop();
  const { status, body } = await create(orderUrl);
  expect([status, body.reason]).toEqual([202, 'payment: The connection was refused: nobody listens there.']);
  expect(isAlive(order.pid)).toBe(true);
});
