/** The process of payment is killed: order keeps every order, stops calling, and goes on when payment is back. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Chain, startChain } from './chain.ts';
import { ask, create, createOrder } from './requests.ts';
import { isAlive } from './run-process.ts';
import { until } from './until.ts';

let chain: Chain;
beforeAll(async () => {
  chain = await startChain({ BREAKER_OPEN_MS: '3000' });
});
afterAll(() => chain?.stop());

it('order keeps answering while payment is gone, and the same order completes when it is back', async () => {
  const { order, payment } = { order: chain.pid('order'), payment: chain.pid('payment') };
  const lost = createOrder();
  process.kill(payment, 'SIGKILL');
  await until('payment is gone', () => !isAlive(payment));

  const failed = [await create(chain.url('order'), lost)];
  for (let call = 2; call <= 5; call += 1) failed.push(await create(chain.url('order')));
  expect(failed.map(({ status }) => status)).toEqual([502, 502, 502, 502, 502]);
  expect(failed[0]?.headers.get('content-type')).toBe('application/problem+json');
  expect(failed[0]?.body).toEqual({
    type: '/problems/neighbour-unreachable',
    title: expect.any(String),
    status: 502,
    detail: expect.stringContaining('refused'),
    saved: true,
    id: lost.id,
    service: 'order',
    requestId: expect.any(String),
  });

  const rejected = await create(chain.url('order'), lost);
  expect(rejected).toMatchObject({
    status: 503,
    body: {
      type: '/problems/breaker-open',
      saved: true,
      id: lost.id,
      detail: expect.stringContaining('order→payment'),
    },
  });
  expect(Number(rejected.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect((await ask(`${chain.url('order')}/orders/${lost.id}`)).body).toMatchObject({ status: 'pending' });

  await until('payment is started again', () => chain.pid('payment') !== payment);
  const done = await until('the same order completes', async () => {
    const answer = await create(chain.url('order'), lost);
    return answer.status === 200 && answer;
  });
  expect(done.body).toMatchObject({ id: lost.id, status: 'completed' });
  expect(chain.pid('order')).toBe(order);
  expect(isAlive(order)).toBe(true);
  expect(chain.log().filter(({ event }) => event === 'died')).toMatchObject([
    { part: 'payment', how: 'SIGKILL', msg: 'payment ended with SIGKILL and is started again in 1 s' },
  ]);
});
