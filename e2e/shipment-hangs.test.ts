/** The process of shipment is stopped, not killed: it takes connections and answers nothing. */

import { until } from '@holdfast/shared/core/until.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Chain, startChain } from './chain.ts';
import { create, createOrder } from './requests.ts';

let chain: Chain;
beforeAll(async () => {
  chain = await startChain({ PAYMENT_ATTEMPT_TIMEOUT_MS: '500', BREAKER_OPEN_MS: '3000' });
});
afterAll(() => chain?.stop());

it('in real time: a hanging shipment is answered in time, then not called, and called again when it goes on', async () => {
  const paid = createOrder().payment;
  chain.signal('shipment', 'SIGSTOP');
  const slow = await Promise.all(
    [paid, ...Array.from({ length: 4 }, () => createOrder().payment)].map((payment) =>
      create(chain.url('payment'), payment),
    ),
  );
  expect(slow.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  expect(slow[0]?.body).toMatchObject({ id: paid.id, status: 'pending', pendingAt: 'shipment' });
  expect(Math.max(...slow.map(({ ms }) => ms))).toBeLessThan(8000);

  const fast = await create(chain.url('payment'), createOrder().payment);
  expect([fast.status, fast.body.reason]).toEqual([
    202,
    expect.stringContaining('The breaker payment→shipment opened'),
  ]);

  chain.signal('shipment', 'SIGCONT');
  const done = await until('the payment completes', async () => {
    const answer = await create(chain.url('payment'), paid);
    return answer.status === 200 && answer;
  });
  expect(done.body).toMatchObject({ id: paid.id, status: 'completed' });
});
