/** What is answered is what is stored, whoever was late, and `final` is said of stored refusals alone. */
import { MongoClient } from 'mongodb';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { order } from '../../../order/src/order.ts';
import { createHops, createOrder, type Hops } from '../support/hops.ts';
import {
  answer,
  completes,
  hangs,
  type Manner,
  type Neighbour,
  startNeighbour,
} from '../support/neighbour.ts';

let hops: Hops;
let neighbour: Neighbour;
let client: MongoClient;

beforeEach(async () => {
  hops = createHops();
  neighbour = await startNeighbour();
  client = new MongoClient(hops.mongoUrl);
});
afterEach(async () => {
  await hops.stop();
  await neighbour.stop();
  await client.close();
});

const start = (env: Record<string, string> = {}, resource = order) =>
  hops.start(resource, 'order', {
    CHAIN_SVC: neighbour.url,
    NEXT_NAME: 'payment',
    RETRY_ATTEMPTS: '1',
    ...env,
  });
const orders = () => client.db().collection<{ _id: string; state: string }>('orders');
const dead = { $set: { state: 'dead', 'out.due': null, 'out.by': null, 'out.err': 'put aside' } };

describe('a document that is put aside while its holder still waits for the next hop', () => {
  /** Lets something happen to the stored order before the next hop answers. */
  const meanwhile =
    (change: () => Promise<unknown>): Manner =>
    (received, response, socket) =>
      void change().then(() => completes(received, response, socket));

  it('is completed by the final answer, for the client and for every reader', async () => {
    const hop = await start();
    neighbour.behave(meanwhile(() => orders().updateOne({ _id: 'late' }, dead)));
    const created = await request(hop.url).post('/create').send(createOrder('late'));
    expect([created.status, created.body.status]).toEqual([200, 'completed']);
    expect((await request(hop.url).get('/orders/late')).body.status).toBe('completed');
  });

  it('is not called final when nothing is stored of it', async () => {
    const hop = await start();
    neighbour.behave(meanwhile(() => orders().deleteOne({ _id: 'gone' })));
    const created = await request(hop.url).post('/create').send(createOrder('gone'));
    expect([created.status, created.body.final, created.body.type]).toEqual([
      503,
      undefined,
      '/problems/store-unavailable',
    ]);
  });
});

describe('final', () => {
  it('is said of what is stored as refused, and again when it is repeated', async () => {
    const hop = await start();
    neighbour.behave(answer(422, { type: '/problems/refused', detail: 'No.', final: true, errors: [] }));
    for (const _ of ['first', 'again']) {
      const refused = await request(hop.url).post('/create').send(createOrder('refused'));
      expect([refused.status, refused.body.final]).toEqual([422, true]);
    }
    expect(await hops.stored('orders')).toMatchObject([{ _id: 'refused', state: 'cancelled' }]);
  });

  it.each([
    ['content that breaks the schema', '/create', { id: 'bad', items: 'none' }],
    ["a number of hops that is not the client's to say", '/create?count=5', createOrder('counted')],
    ['a number of hops that is none', '/create?count=many', createOrder('counted')],
  ])('is not said of %s, and nothing is stored', async (_what, path, body) => {
    const hop = await start();
    const refused = await request(hop.url).post(path).send(body);
    expect([refused.status, refused.body.final, refused.body.saved]).toEqual([422, undefined, false]);
    expect(await hops.stored('orders')).toEqual([]);
  });
});

describe('an order that was kept under older rules', () => {
  const stricter = { ...order, schema: z.looseObject({ id: z.string(), giftWrap: z.boolean() }) };

  it('is answered from the store when it is repeated under stricter ones', async () => {
    const before = await start();
    const body = createOrder('old');
    expect((await request(before.url).post('/create').send(body)).status).toBe(200);
    const after = await start({}, stricter as unknown as typeof order);
    const again = await request(after.url).post('/create').send(body);
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([200, 'true']);
    const [stored] = await hops.stored('orders');
    expect(stored?.dups).toBe(1);
  });

  it('is told where it stands while it is pending', async () => {
    neighbour.behave(hangs);
    const before = await start({ ATTEMPT_TIMEOUT_MS: '50' });
    const body = createOrder('waiting');
    expect((await request(before.url).post('/create').send(body)).status).toBe(202);
    const after = await start({}, stricter as unknown as typeof order);
    expect((await request(after.url).post('/create').send(body)).status).toBe(202);
  });

  it('is not touched by other content, which meets the rules of today', async () => {
    const before = await start();
    await request(before.url).post('/create').send(createOrder('taken'));
    const after = await start({}, stricter as unknown as typeof order);
    const other = await request(after.url)
      .post('/create')
      .send({ ...createOrder('taken'), items: ['more'] });
    expect([other.status, other.body.type]).toEqual([422, '/problems/invalid']);
    expect(await hops.stored('orders')).toMatchObject([{ dups: 0 }]);
  });
});
