/** The process of payment is killed: order keeps every order, stops calling, and goes on when payment is back. */

import { until } from '@holdfast/shared/core/until.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Chain, startChain } from './chain.ts';
import { ask, create, createOrder } from './requests.ts';
import { isAlive } from './run-process.ts';

let chain: Chain;
beforeAll(async () => {
  chain = await startChain({ BREAKER_OPEN_MS: '3000' });
});
afterAll(() => chain?.stop());

it('order keeps every order while payment is gone, and completes them when it is back', async () => {
  const { order, payment } = { order: chain.pid('order'), payment: chain.pid('payment') };
  const lost = createOrder();
  process.kill(payment, 'SIGKILL');
  await until('payment is gone', () => !isAlive(payment));

  const kept = [await create(chain.url('order'), lost)];
  for (let call = 2; call <= 6; call += 1) kept.push(await create(chain.url('order')));
  expect(kept.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202]);
  expect(kept[0]?.headers.get('location')).toBe(`/orders/${lost.id}`);
  expect(kept[0]?.body).toEqual({
    id: lost.id,
    status: 'pending',
    pendingAt: 'payment',
    reason: 'payment: The connection was refused: nobody listens there.',
  });

  const rejected = await create(chain.url('order'));
  expect([rejected.status, rejected.body.reason]).toEqual([
    202,
    expect.stringMatching(/^The breaker order→payment opened .* Next try in /),
  ]);
  expect(Number(rejected.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect((await ask(`${chain.url('order')}/orders/${lost.id}`)).body).toMatchObject({ status: 'pending' });

  await until('payment is started again', () => chain.pid('payment') !== payment);
  const done = await until('the order completes by itself', async () => {
    const { body } = await ask(`${chain.url('order')}/orders/${lost.id}`);
    return body.status === 'completed' && body;
  });
  expect(done).toMatchObject({ id: lost.id, status: 'completed' });
  const repeated = await create(chain.url('order'), lost);
  expect([repeated.status, repeated.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
  expect(chain.pid('order')).toBe(order);
  expect(isAlive(order)).toBe(true);
  expect(chain.log().filter(({ event }) => event === 'died')).toMatchObject([
    { part: 'payment', how: 'SIGKILL', msg: 'payment ended with SIGKILL and is started again in 1 s' },
  ]);
});
