/** What a user does first: send an order, send it again, read it back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chain, startChain } from './chain.ts';
import { ask, create, createOrder } from './requests.ts';
import { isAlive } from './run-process.ts';

const message =
  /^This is order @\d\d:\d\d -> Next This is payment @\d\d:\d\d -> Next This is shipment @\d\d:\d\d -> Last$/;
const shipped = (id: string) => ({
  id,
  status: 'completed',
  message: expect.stringMatching(message),
  doneAt: expect.any(String),
  hops: ['order', 'payment', 'shipment'].map((service) => ({
    service,
    status: 'completed',
    ms: expect.any(Number),
  })),
});

let chain: Chain;
beforeAll(async () => {
  chain = await startChain();
});
afterAll(() => chain?.stop());

describe('an order', () => {
  it("ships: the original's request gets the original's words", async () => {
    const order = {
      id: '1',
      items: [],
      payment: { id: '1', amount: 0, shipment: { id: '1', directions: 'home' } },
    };
    const { status, headers, body } = await create(chain.url('order'), order);
    expect({ status, body }).toEqual({ status: 200, body: shipped('1') });
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('idempotent-replayed')).toBeNull();
  });

  it('that is sent again gets the same answer, marked as a repeat', async () => {
    const order = createOrder();
    const first = await create(chain.url('order'), order);
    const second = await create(chain.url('order'), order);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect({ status: second.status, body: second.body }).toEqual({ status: 200, body: first.body });
  });

  it('can be read back on all three services', async () => {
    const order = createOrder();
    await create(chain.url('order'), order);
    const [atOrder, atPayment, atShipment] = await Promise.all([
      ask(`${chain.url('order')}/orders/${order.id}`),
      ask(`${chain.url('payment')}/payments/${order.payment.id}`),
      ask(`${chain.url('shipment')}/shipments/${order.payment.shipment.id}`),
    ]);
    expect(atOrder?.body).toMatchObject({ id: order.id, status: 'completed', repeats: 0, document: order });
    expect(atPayment?.body).toMatchObject({
      id: order.payment.id,
      status: 'completed',
      ledger: [
        { t: 'charge', amount: 0 },
        { t: 'capture', amount: 0 },
      ],
      document: order.payment,
    });
    expect(atShipment?.body).toMatchObject({ status: 'completed', document: order.payment.shipment });
  });

  it('without content is answered 422 with every missing field, by every service, and nobody dies', async () => {
    const answers = await Promise.all(
      (['order', 'payment', 'shipment'] as const).map((part) => create(chain.url(part), {})),
    );
    const pointers = answers.map(({ body }) =>
      (body.errors as { pointer: string }[]).map(({ pointer }) => pointer),
    );
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422]);
    expect(pointers).toEqual([
      ['/id', '/items', '/payment'],
      ['/id', '/amount', '/shipment'],
      ['/id', '/directions'],
    ]);
    expect(chain.pids().map(isAlive)).toEqual([true, true, true, true]);
  });
});

describe('npm start', () => {
  it('says nothing on stdout but one line with the addresses', () => {
    const [order, payment, shipment] = (['order', 'payment', 'shipment'] as const).map(chain.url);
    expect(chain.start.stdout).toEqual([`ready order=${order} payment=${payment} shipment=${shipment}`]);
  });
});
