/** The database goes away, by death and by standing still: quick answers, living services, nothing lost. */

import { until } from '@holdfast/shared/core/until.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chain, startChain } from './chain.ts';
import { type Answer, ask, create, createOrder } from './requests.ts';
import { isAlive } from './run-process.ts';

let chain: Chain;
beforeAll(async () => {
  chain = await startChain();
});
afterAll(() => chain?.stop());

const services = ['order', 'payment', 'shipment'] as const;

/** Sends fresh orders until one ships: sooner than the driver, left to itself, would look for the database. */
async function firstShipped(): Promise<void> {
  await until('an order ships', async () => (await create(chain.url('order'))).status === 200);
}

/** Sends a fresh order, and keeps it beside its answer. */
async function send(): Promise<{ order: ReturnType<typeof createOrder>; answer: Answer }> {
  const order = createOrder();
  return { order, answer: await create(chain.url('order'), order) };
}

function expectAway(answer: Answer): void {
  expect(answer).toMatchObject({
    status: 503,
    body: { type: '/problems/store-unavailable', service: 'order', saved: null },
  });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  // The driver alone would wait for 30 s, the chain waits for one.
  expect(answer.ms).toBeLessThan(8000);
}

describe('while the database is killed and comes back', () => {
  it('in real time: an order is answered 503 soon, the next ships soon after its return, none that was acknowledged is lost', async () => {
    const before = services.map(chain.pid);
    const old = chain.pid('database');
    // Enough calls went well before: what is cut off at the kill is too small a share to open a breaker.
    const early = await Promise.all(Array.from({ length: 20 }, send));
    const sent = Array.from({ length: 8 }, send);
    await Promise.race(sent);
    process.kill(old, 'SIGKILL');
    await until('the database is gone', () => !isAlive(old));
    expectAway(await create(chain.url('order')));

    await until('the database is back', () =>
      chain.log().some(({ event, part, pid }) => event === 'ready' && part === 'database' && pid !== old),
    );
    await firstShipped();
    expect(services.map(chain.pid)).toEqual(before);
    expect(before.map(isAlive)).toEqual([true, true, true]);

    const acknowledged = [...early, ...(await Promise.all(sent))].filter(
      ({ answer }) => answer.status === 200,
    );
    expect(acknowledged.length).toBeGreaterThan(20);
    // One after the other, each until it is read: a busy database may be slow right after its return, which is no answer.
    const kept = [];
    for (const { order } of acknowledged) {
      const url = `${chain.url('order')}/orders/${order.id}`;
      const read = await until('the order is read', async () => {
        const answer = await ask(url);
        return answer.status !== 503 && answer;
      });
      kept.push(read.body.status);
    }
    expect(kept).toEqual(acknowledged.map(() => 'completed'));
  });
});

describe('while the database stands still', () => {
  it('in real time: an order is answered 503 soon, and ships when it goes on', async () => {
    await firstShipped();
    const before = services.map(chain.pid);
    chain.signal('database', 'SIGSTOP');
    try {
      for (const answer of await Promise.all([create(chain.url('order')), create(chain.url('order'))]))
        expectAway(answer);
      const ready = await ask(`${chain.url('order')}/readyz`);
      expect(ready).toMatchObject({ status: 503, body: { status: 'unready' } });
    } finally {
      chain.signal('database', 'SIGCONT');
    }
    await firstShipped();
    expect(services.map(chain.pid)).toEqual(before);
  });
});
