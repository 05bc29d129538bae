/** What a chain must survive with nobody's help: a storm of repeats, a pause, a rolling restart, an absent database. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../shared/src/core/until.ts';
import { startChain, type TestChain } from '../../chaos/chain.ts';
import { startCustomers } from '../../chaos/customers.ts';
import { createChaosOrder } from '../../chaos/orders.ts';
import { sendOrder } from '../../chaos/send-order.ts';
import { auditOf } from '../support/audit-of.ts';

let chain: TestChain;
beforeAll(async () => {
  chain = await startChain({ seed: 30 });
});
afterAll(() => chain.stop());

const statusesOf = (answers: readonly { status: number }[]) => [
  ...new Set(answers.map(({ status }) => status)),
];
const statusOf = async (id: string) =>
  ((await fetch(`${chain.url}/orders/${id}`).then((response) => response.json())) as { status: string })
    .status;

it('one order that is sent 200 times at once is kept, charged and shipped once', async () => {
  const storm = await Promise.all(
    Array.from({ length: 200 }, () => sendOrder(chain.url, createChaosOrder('storm'))),
  );
  expect([0, 200, 202, 503]).toEqual(expect.arrayContaining(statusesOf(storm)));
  await until('the order is done', async () => (await statusOf('storm')) === 'completed');
  const report = await auditOf(chain);
  expect(report).toMatchObject({ accepted: 1, completed: 1, payments: 1, shipments: 1, findings: [] });
});

it('in real time: a service that sleeps for longer than its lease doubles nothing when it wakes', async () => {
  const { payment } = chain.processes;
  const before = chain.proxies.payment.requests();
  const answers = Array.from({ length: 30 }, (_, index) =>
    sendOrder(chain.url, createChaosOrder(`sleep-${index}`)),
  );
  await until('some are on their way', () => chain.proxies.payment.requests() > before, { everyMs: 1 });
  payment.pause();
  const pausedAt = performance.now();
  expect([200, 202]).toEqual(expect.arrayContaining(statusesOf(await Promise.all(answers))));
  await until('its lease is over', () => performance.now() - pausedAt > chain.leaseMs + 500);
  payment.resume();
  const report = await auditOf(chain);
  expect(report).toMatchObject({ accepted: 31, completed: 31, dead: 0, findings: [] });
});

it('a rolling restart under load loses no order, and every failed request can be repeated', async () => {
  const customers = startCustomers({ url: chain.url, seed: 31, rate: 30, maxActive: 100, maxOrders: 1000 });
  for (const name of ['shipment', 'payment', 'order'] as const) {
    await chain.processes[name].leave();
    await chain.processes[name].start();
  }
  await customers.finish(20_000);
  expect(customers.violations).toEqual([]);
  expect(customers.orders.length).toBeGreaterThan(20);
  expect(customers.orders.filter(({ acknowledged }) => !acknowledged)).toEqual([]);
  const report = await auditOf(chain);
  expect(report).toMatchObject({ accepted: customers.orders.length + 31, dead: 0, findings: [] });
});

it.each(['kill', 'pause'] as const)(
  'in real time: a database that is away (%s) is said soon, and is back by itself',
  async (how) => {
    const { database } = chain.processes;
    await database[how]();
    for (const id of ['first', 'second']) {
      const { status, body, ms } = await sendOrder(chain.url, createChaosOrder(`away-${how}-${id}`));
      expect({ status, saved: body?.saved }).toEqual({ status: 503, saved: null });
      expect(ms).toBeLessThan(8000);
    }
    if (how === 'kill') await database.start();
    else database.resume();
    const isBack = async () => (await sendOrder(chain.url, createChaosOrder(`back-${how}`))).status === 200;
    await until('the first 200', isBack, { everyMs: 50 });
    for (const name of ['order', 'payment', 'shipment'] as const)
      expect(chain.processes[name].state).toBe('running');
    expect(await auditOf(chain)).toMatchObject({ dead: 0, findings: [] });
  },
);
