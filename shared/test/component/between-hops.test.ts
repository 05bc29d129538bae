/** What stands between two hops, or answers in the place of one: at worst the order waits, and an operator is told. */
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { order } from '../../../order/src/order.ts';
import { createPayment } from '../../../payment/src/payment.ts';
import { createShipment } from '../../../shipment/src/shipment.ts';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { type Gateway, type Manners, startGateway, without } from '../support/gateway.ts';
import { createHops, createOrder, type Hops } from '../support/hops.ts';
import { answer, type Neighbour, startNeighbour } from '../support/neighbour.ts';

const plain = { CHAIN_KEY: '', RETRY_ATTEMPTS: '1', NEXT_NAME: 'payment', BREAKER_MIN_CALLS: '1000' };
const isChains = (name: string) => name.startsWith('chain-');
const isUnknown = (name: string) => !['content-type', 'accept', 'host', 'user-agent'].includes(name);

let hops: Hops;
beforeEach(() => {
  hops = createHops();
});
afterEach(() => hops.stop());

const create = (hop: RunningHop, body: object) => request(hop.url).post('/create').send(body);
const stateOf = async (hop: RunningHop, id: string) =>
  (await request(hop.url).get(`/orders/${id}`)).body.status;
const alarms = () =>
  hops.logged.filter(({ msg }) => `${msg}`.includes('cannot be handed on, check CHAIN_SVC')).length;

describe('a gateway between order and payment', () => {
  let gateway: Gateway;
  let front: RunningHop;

  beforeEach(async () => {
    const payment = await hops.start(createPayment({ PAYMENT_LIMIT: 1000 }), 'payment', { CHAIN_KEY: '' });
    gateway = await startGateway(payment.url);
    front = await hops.start(order, 'order', { ...plain, CHAIN_SVC: gateway.url });
  });
  afterEach(() => gateway.stop());

  const strippers: [string, Manners][] = [
    ['takes away the proof', strips((name) => name === 'chain-proof')],
    ['takes away all of Chain-* and leaves the number', strips(isChains)],
    ['takes away all headers that it does not know, and the query', strips(isUnknown, { query: true })],
    ['takes away the query', strips(() => false, { query: true })],
    ['takes away the digest', strips((name) => name === 'content-digest')],
    [
      'writes the body again in its own way',
      { request: (sent) => ({ ...sent, body: JSON.stringify(JSON.parse(sent.body), null, 1) }) },
    ],
    [
      'writes another parent',
      { request: (sent) => ({ ...sent, headers: { ...sent.headers, 'chain-parent': 'other' } }) },
    ],
  ];

  it.each(strippers)(
    'that %s makes the order wait, and nothing is stored behind it',
    async (what, manners) => {
      gateway.behave(manners);
      const id = what.replaceAll(/\W/g, '-');
      const kept = await create(front, createOrder(id));
      expect([kept.status, kept.headers['retry-after']]).toEqual([202, '5']);
      expect(await stateOf(front, id)).toBe('pending');
      expect(await hops.stored('payments')).toEqual([]);
      expect(alarms()).toBe(1);
    },
  );

  it('that takes away the proof of the answer makes the order wait until it is mended', async () => {
    gateway.behave({ answer: (given) => ({ ...given, headers: without(given.headers, isChains) }) });
    const kept = await create(front, createOrder('waits'));
    expect([kept.status, kept.body.reason]).toEqual([
      202,
      expect.stringContaining('nothing proves that a hop of this chain did'),
    ]);
    gateway.behave({});
    await expect.poll(() => stateOf(front, 'waits'), { timeout: 10_000 }).toBe('completed');
    expect(await hops.stored('payments')).toMatchObject([{ _id: 'p-waits', parent: 'waits' }]);
  });

  it('that changes what was answered decides nothing', async () => {
    gateway.behave({
      answer: (given) => ({ ...given, body: given.body.replace('"message":"', '"message":"forged ') }),
    });
    expect((await create(front, createOrder('forged'))).status).toBe(202);
  });

  it('that adds headers of its own changes nothing', async () => {
    const added = { via: '1.1 order, 1.1 proxy', 'x-forwarded-for': '10.0.0.1' };
    gateway.behave({ request: (sent) => ({ ...sent, headers: { ...sent.headers, ...added } }) });
    expect((await create(front, createOrder('added'))).status).toBe(200);
    expect(alarms()).toBe(0);
  });
});

describe('an instance that only says that it is the next hop', () => {
  let neighbour: Neighbour;
  let front: RunningHop;

  beforeEach(async () => {
    neighbour = await startNeighbour();
    front = await hops.start(order, 'order', { ...plain, CHAIN_SVC: neighbour.url });
  });
  afterEach(() => neighbour.stop());

  const done = { id: 'p-lied', status: 'completed', message: 'Last', hops: [] };
  const refused = { type: '/problems/refused', detail: 'No.', final: true, errors: [] };
  const waiting = { id: 'p-lied', status: 'pending', reason: 'Soon.' };

  it.each([
    ['completes', 200, done],
    ['refuses', 422, refused],
    ['knows a conflict', 409, refused],
    ['promises', 202, waiting],
  ])('neither ends the order nor puts it off when it %s', async (_what, status, body) => {
    neighbour.behave(answer(status, body, { 'Chain-Proof': 'ab'.repeat(32) }));
    const kept = await create(front, createOrder('lied'));
    expect(kept.status).toBe(202);
    expect(kept.body.reason).toContain(`It answered ${status}, and nothing proves`);
    expect(await stateOf(front, 'lied')).toBe('pending');
    expect(alarms()).toBe(1);
  });
});

describe('hops that share no database', () => {
  const end = (CHAIN_KEY: string) =>
    hops.start(createShipment({ UNDELIVERABLE: '' }), 'shipment', { CHAIN_KEY });
  const start = async (own: string, next: string) => {
    const shipment = await end(next);
    const payment = createPayment({ PAYMENT_LIMIT: 1000 });
    const env = { ...plain, CHAIN_SVC: `${shipment.url}/create`, CHAIN_KEY: own };
    return hops.start(payment, 'payment', env);
  };

  it('know each other by the same CHAIN_KEY, also while a new one is on its way to all of them', async () => {
    const payment = await start('old-key-0123456789', 'new-key-0123456789,old-key-0123456789');
    expect((await create(payment, createOrder('given').payment)).status).toBe(200);
  });

  it('refuse each other without it, and tell what to do', async () => {
    const payment = await start('old-key-0123456789', 'new-key-0123456789');
    const kept = await create(payment, createOrder('strangers').payment);
    expect([kept.status, kept.body.reason]).toEqual([
      202,
      expect.stringContaining('need the same CHAIN_KEY'),
    ]);
    expect(await hops.stored('shipments')).toEqual([]);
    expect(JSON.stringify(hops.logged)).not.toMatch(/(old|new)-key-/);
  });
});

function strips(goes: (name: string) => boolean, { query = false } = {}): Manners {
  return {
    request: ({ headers, path, body }) => ({
      headers: without(headers, goes),
      path: query ? (path.split('?')[0] ?? '') : path,
      body,
    }),
  };
}
