/** The id of a part belongs to its parent: whoever uses it first takes nothing away from anybody. */
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { order } from '../../../order/src/order.ts';
import { createPayment } from '../../../payment/src/payment.ts';
import { createShipment } from '../../../shipment/src/shipment.ts';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { postAsHop } from '../support/as-hop.ts';
import { createHops, createOrder, type Hops } from '../support/hops.ts';

let hops: Hops;
let front: RunningHop;
let middle: RunningHop;
let last: RunningHop;

beforeEach(async () => {
  hops = createHops();
  last = await hops.start(createShipment({ UNDELIVERABLE: 'nowhere' }), 'shipment');
  middle = await hops.start(createPayment({ PAYMENT_LIMIT: 1000 }), 'payment', {
    CHAIN_SVC: `${last.url}/create`,
  });
  front = await hops.start(order, 'order', { CHAIN_SVC: `${middle.url}/create` });
});
afterEach(() => hops.stop());

const victims = () => ({
  ...createOrder('victim'),
  payment: { ...createOrder('victim').payment, amount: 7 },
});
const squats: [string, () => Promise<unknown>][] = [
  [
    'as the payment of another order',
    () => send({ ...createOrder('thief'), payment: { ...victims().payment, amount: 1 } }),
  ],
  [
    'as the same payment of another order',
    () => send({ ...createOrder('thief'), payment: victims().payment }),
  ],
  ['as a payment of its own', () => request(middle.url).post('/create').send(victims().payment)],
  [
    'as a payment that is declined',
    () => send({ ...createOrder('thief'), payment: { ...victims().payment, amount: 9999 } }),
  ],
  ['as a shipment of its own', () => request(last.url).post('/create').send(victims().payment.shipment)],
  [
    'as a shipment of another payment',
    () => {
      const mine = createOrder('thief');
      return send({ ...mine, payment: { ...mine.payment, shipment: victims().payment.shipment } });
    },
  ],
];
const send = (body: object) => request(front.url).post('/create').send(body);

describe('an order whose ids of parts somebody has used before', () => {
  it.each(squats)('%s is completed, paid and shipped once', async (_how, squat) => {
    await squat();
    const answer = await send(victims());
    expect([answer.status, answer.body.id]).toEqual([200, 'victim']);
    expect((await send(victims())).headers['idempotent-replayed']).toBe('true');

    const [payment, ...more] = (await hops.stored('payments')).filter(({ parent }) => parent === 'victim');
    expect(more).toEqual([]);
    expect(payment).toMatchObject({
      state: 'completed',
      body: { id: 'p-victim' },
      ledger: [
        { t: 'charge', amount: 7 },
        { t: 'capture', amount: 7 },
      ],
    });
    const shipments = (await hops.stored('shipments')).filter(({ parent }) => parent === payment?._id);
    expect(shipments).toMatchObject([{ state: 'completed', body: { id: 's-victim' } }]);
  });

  it.each(squats)('%s is shown with its own parts', async (_how, squat) => {
    await squat();
    await send(victims());
    const read = await request(front.url).get('/orders/victim?expand=payment,shipment');
    expect(read.body).toMatchObject({
      status: 'completed',
      payment: { id: 'p-victim', status: 'completed', document: { amount: 7 } },
      shipment: { id: 's-victim', status: 'completed' },
    });
  });
});

describe('a part under a key of its own', () => {
  const part = { ...createOrder('x').payment, id: 'shared' };
  const hand = (parent: string, body: object = part) =>
    postAsHop(middle.url, body, { parent, part: 'payment' });

  it('is repeated under the same parent, and is a conflict with other content', async () => {
    await hand('one');
    expect((await hand('two')).body).toMatchObject({ id: 'shared', status: 'completed' });
    expect((await hand('two')).headers['idempotent-replayed']).toBe('true');
    expect((await hand('one')).headers['idempotent-replayed']).toBe('true');
    expect((await hand('two', { ...part, amount: 5 })).status).toBe(409);
    const kept = await hops.stored('payments');
    expect(kept.map(({ _id, parent }) => [_id, parent])).toEqual([
      ['shared', 'one'],
      ['shared@two', 'two'],
    ]);
  });

  it('can be read by its key, and by its id with its parent', async () => {
    await hand('one');
    await hand('two');
    const read = async (path: string) => (await request(middle.url).get(path)).body;
    expect(await read('/payments/shared%40two')).toMatchObject({ id: 'shared', key: 'shared@two' });
    expect(await read('/payments/shared?parent=two')).toMatchObject({ id: 'shared', key: 'shared@two' });
    expect((await read('/payments/shared?parent=one')).key).toBeUndefined();
    expect(await read('/payments/shared?parent=three')).toMatchObject({ status: 404 });
    expect(await read('/payments/shared?parent=a/b')).toMatchObject({ status: 422 });
  });

  it('can be named by no client', async () => {
    const answer = await request(middle.url)
      .post('/create')
      .send({ ...part, id: 'shared@two' });
    expect(answer.status).toBe(422);
  });
});
