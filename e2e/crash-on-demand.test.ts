/** A fault of type crash kills the real shipment, before and after the save: every order completes once. */

import { until } from '@holdfast/shared/core/until.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Chain, startChain } from './chain.ts';
import { ask, create, createOrder } from './requests.ts';
import { isAlive } from './run-process.ts';

let chain: Chain;
beforeAll(async () => {
  chain = await startChain({ LAB: '1', BREAKER_MIN_CALLS: '100000' });
});
afterAll(() => chain?.stop());

it.each([
  ['before', 0],
  ['after', 1],
])(
  'a shipment that crashes %s the save is started again, and the order completes',
  async (phase, leastRepeats) => {
    const pid = chain.pid('shipment');
    const put = await ask(`${chain.url('shipment')}/faults/die`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'crash', phase }),
    });
    expect([put.status, put.body.phase]).toEqual([201, phase]);

    const order = createOrder();
    const { status, body } = await create(chain.url('order'), order);
    expect([status, body.status]).toEqual([202, 'pending']);
    await until('the shipment is gone', () => !isAlive(pid));
    await until('it is started again', () => chain.pid('shipment') !== pid);

    await until(
      'the order completes by itself',
      async () => (await ask(`${chain.url('order')}/orders/${order.id}`)).body.status === 'completed',
      { withinMs: 20_000 },
    );
    const { payment } = order;
    const paid = await ask(`${chain.url('payment')}/payments/${payment.id}`);
    expect(paid.body.ledger).toMatchObject([{ t: 'charge' }, { t: 'capture' }]);
    const shipped = await ask(`${chain.url('shipment')}/shipments/${payment.shipment.id}`);
    expect(shipped.body.status).toBe('completed');
    expect(shipped.body.repeats).toBeGreaterThanOrEqual(leastRepeats);
    // The new process knows nothing of the fault: a crash does not repeat itself for ever.
    expect((await ask(`${chain.url('shipment')}/faults`)).body.faults).toEqual([]);
    expect(
      chain
        .log()
        .filter(({ event }) => event === 'fault-crash')
        .at(-1),
    ).toMatchObject({
      service: 'shipment',
      level: 'warn',
      fault: 'die',
    });
  },
);
