/** The three services together: real hops, real HTTP between them, one real database. */
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPayment } from '../../../payment/src/payment.ts';
import type { RunningHop } from '../../../shared/src/app/run-hop.ts';
import { postAsHop } from '../../../shared/test/support/as-hop.ts';
import { useHops } from '../../../shared/test/support/hops.ts';
import { startChain } from '../../../shared/test/support/start-chain.ts';
import { createShipment } from '../../../shipment/src/shipment.ts';
import { order } from '../../src/order.ts';
import { createOrder } from '../support/create-order.ts';

const hops = useHops('file');
const payment = createPayment({ PAYMENT_LIMIT: 1000 });
const shipment = createShipment({ UNDELIVERABLE: 'nowhere,the moon' });
let front: RunningHop;
let middle: RunningHop;
let end: RunningHop;

beforeAll(async () => {
  ({ front, middle, end } = await startChain(hops, { kinds: [order, payment, shipment] }));
});

describe('a chain of three', () => {
  it("ships the original's request", async () => {
    const body = {
      id: '1',
      items: [],
      payment: { id: '1', amount: 0, shipment: { id: '1', directions: 'home' } },
    };
    const response = await request(front.url).post('/create').send(body);
    expect([response.status, response.body]).toEqual([
      200,
      {
        id: '1',
        status: 'completed',
        message: expect.stringMatching(
          /^This is order @\d\d:\d\d -> Next This is payment @\d\d:\d\d -> Next This is shipment @\d\d:\d\d -> Last$/,
        ),
        doneAt: expect.any(String),
        hops: ['order', 'payment', 'shipment'].map((service) => ({
          service,
          status: 'completed',
          ms: expect.any(Number),
        })),
      },
    ]);
  });

  it('keeps one document in each collection, and the money moves once', async () => {
    const body = createOrder('money');
    body.payment.amount = 12.5;
    await request(front.url).post('/create').send(body);
    await request(front.url).post('/create').send(body);
    const kept = async (collection: string, id: string) =>
      (await hops.stored(collection)).find((document) => document._id === id);
    await expect
      .poll(() => kept('orders', 'money'))
      .toMatchObject({ parent: null, state: 'completed', body });
    await expect
      .poll(() => kept('payments', 'p-money'))
      .toMatchObject({
        parent: 'money',
        state: 'completed',
        body: body.payment,
        ledger: [
          { t: 'charge', amount: 12.5 },
          { t: 'capture', amount: 12.5 },
        ],
      });
    expect(await kept('shipments', 's-money')).toMatchObject({
      parent: 'p-money',
      state: 'completed',
      dups: 0,
    });
  });

  it('cancels an order that cannot be delivered, and refunds its payment', async () => {
    const body = createOrder('moon');
    body.payment.amount = 10;
    body.payment.shipment.directions = 'the moon';
    const response = await request(front.url).post('/create').send(body);
    expect({ status: response.status, ...response.body }).toMatchObject({
      status: 422,
      detail: 'payment refused: shipment refused: Nobody delivers to "the moon".',
      errors: [{ pointer: '/payment/shipment/directions', detail: 'Nobody delivers to "the moon".' }],
    });
    expect((await request(front.url).get('/orders/moon')).body.status).toBe('cancelled');
    expect((await request(middle.url).get('/payments/p-moon')).body).toMatchObject({
      status: 'refunded',
      ledger: [{ t: 'charge' }, { t: 'refund', amount: 10 }],
    });
    expect((await request(end.url).get('/shipments/s-moon')).body.status).toBe('rejected');
  });

  it('cancels an order that is too dear, and charges nothing', async () => {
    const body = createOrder('dear');
    body.payment.amount = 1000.01;
    const response = await request(front.url).post('/create').send(body);
    expect(response.body.errors).toEqual([
      { pointer: '/payment/amount', detail: 'The amount is above the limit of 1000.' },
    ]);
    const kept = (await hops.stored('payments')).find(({ _id }) => _id === 'p-dear');
    expect([kept?.state, kept?.ledger]).toEqual(['rejected', undefined]);
  });

  it('stores what an inner hop refuses, so that a late duplicate cannot change it', async () => {
    const send = (body: object) => postAsHop(middle.url, body, { parent: 'somebody' });
    const invalid = await send({ id: 'bad', amount: -1, $where: 1 });
    expect({ status: invalid.status, ...invalid.body }).toMatchObject({
      status: 422,
      final: true,
      saved: true,
    });
    expect(await hops.stored('payments')).toContainEqual(
      expect.objectContaining({ _id: 'bad', state: 'rejected', body: { id: 'bad' } }),
    );
    const again = await send({ id: 'bad', amount: -1, $where: 1 });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([422, 'true']);
    const late = await send({ ...createOrder('bad').payment, id: 'bad' });
    expect([late.status, late.body.final]).toEqual([409, true]);
  });

  it('lets every hop check its own input', async () => {
    const inner = await request(middle.url).post('/payments').send({ id: 'x', amount: 'much', shipment: {} });
    expect(inner.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/amount',
      '/shipment/id',
      '/shipment/directions',
    ]);
    const last = await request(end.url).post('/shipments').send({ id: 'x' });
    expect(last.body.errors).toEqual([{ pointer: '/directions', detail: expect.any(String) }]);
  });

  it('goes on behind the third when that one has a next', async () => {
    const courier = await hops.start(shipment, 'courier');
    const warehouse = await hops.start(shipment, 'warehouse', {
      CHAIN_SVC: `${courier.url}/create`,
      NEXT_NAME: 'courier',
    });
    const third = await hops.start(shipment, 'depot', {
      CHAIN_SVC: `${warehouse.url}/create`,
      NEXT_NAME: 'warehouse',
    });
    const response = await request(third.url).post('/create').send({ id: 'long', directions: 'far away' });
    expect(response.body.hops.map(({ service }: { service: string }) => service)).toEqual([
      'depot',
      'warehouse',
      'courier',
    ]);
    expect(await hops.stored('couriers')).toMatchObject([
      { _id: 'long', parent: 'long', state: 'completed' },
    ]);
  });
});
