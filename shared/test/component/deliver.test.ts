/** An order on its way to the next hop: what a client reads when it goes well, and when it does not. */
import { MongoClient } from 'mongodb';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { order } from '../../../order/src/order.ts';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { postAsHop } from '../support/as-hop.ts';
import { createHops, createOrder, type Hops } from '../support/hops.ts';
import {
  answer,
  completes,
  hangs,
  type Manner,
  type Neighbour,
  resets,
  startNeighbour,
} from '../support/neighbour.ts';

let hops: Hops;
let neighbour: Neighbour;

beforeEach(async () => {
  hops = createHops();
  neighbour = await startNeighbour();
});
afterEach(async () => {
  await hops.stop();
  await neighbour.stop();
});

const plain = {
  ATTEMPT_TIMEOUT_MS: '1500',
  BREAKER_MIN_CALLS: '1000',
  RETRY_ATTEMPTS: '1',
  NEXT_NAME: 'payment',
};
const restarts = { INSTANCE: 'box' };
const start = (env: Record<string, string> = {}) =>
  hops.start(order, 'order', { CHAIN_SVC: neighbour.url, ...plain, ...env });
const read = async (hop: RunningHop, id: string) => (await request(hop.url).get(`/orders/${id}`)).body;
const ends = (hop: RunningHop, id: string) =>
  expect.poll(async () => (await read(hop, id)).status, { timeout: 20_000 });

describe('an order that the next hop completes', () => {
  it('is answered 200 with every hop, in the original words', async () => {
    const hop = await start();
    const body = createOrder('done');
    const response = await request(hop.url).post('/create').send(body);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      id: 'done',
      status: 'completed',
      message: expect.stringMatching(/^This is order @\d\d:\d\d -> Next This is neighbour @00:00 -> Last$/),
      hops: [
        { service: 'order', status: 'completed', ms: expect.any(Number) },
        { service: 'neighbour', status: 'completed', ms: expect.any(Number) },
      ],
    });
  });

  it('hands on the payment, its number, its parent and the time that is left', async () => {
    const hop = await start();
    const body = createOrder('handed');
    await request(hop.url)
      .post('/orders')
      .set('X-Request-Id', 'r-1')
      .set('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
      .send(body);
    expect(neighbour.received).toEqual([
      {
        url: '/create?count=1',
        body: body.payment,
        headers: expect.objectContaining({
          'chain-parent': 'handed',
          'request-timeout-ms': '1480',
          'x-request-id': 'r-1',
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
          via: '1.1 order',
        }),
      },
    ]);
  });

  it('is kept as one document with its answer, and owes nothing any more', async () => {
    const hop = await start();
    const body = createOrder('document');
    const { body: view } = await request(hop.url).post('/create').send(body);
    const stored = (await hops.stored('orders')).find((document) => document._id === 'document');
    expect(stored).toEqual({
      _id: 'document',
      v: 1,
      fp: expect.stringMatching(/^[0-9a-f]{64}$/),
      parent: null,
      body,
      state: 'completed',
      result: { status: 200, body: view },
      dups: 0,
      at: expect.any(Date),
      doneAt: expect.any(Date),
    });
  });

  it('is replayed when it comes again, and not sent again', async () => {
    const hop = await start();
    const body = createOrder('again');
    const first = await request(hop.url).post('/create').send(body);
    const second = await request(hop.url).post('/orders').send(body);
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect(second.body).toEqual(first.body);
    expect(neighbour.received).toHaveLength(1);
    expect((await request(hop.url).get('/orders/again')).body).toMatchObject({
      id: 'again',
      status: 'completed',
      repeats: 1,
    });
  });

  it('is the same order however its fields are sorted', async () => {
    const hop = await start();
    const { id, items, payment } = createOrder('sorted');
    await request(hop.url).post('/create').send({ id, items, payment });
    const second = await request(hop.url).post('/create').send({ payment, items, id });
    expect(second.headers['idempotent-replayed']).toBe('true');
  });

  it('is not touched by other content under its id', async () => {
    const hop = await start();
    await request(hop.url).post('/create').send(createOrder('taken'));
    const other = await request(hop.url)
      .post('/create')
      .send({ ...createOrder('taken'), items: ['more'] });
    expect({ status: other.status, ...other.body }).toMatchObject({
      status: 409,
      type: '/problems/conflict',
      final: true,
      saved: false,
      detail: 'The id "taken" exists with other content. The first one is untouched.',
    });
    expect((await request(hop.url).get('/orders/taken')).body.document.items).toEqual([]);
  });
});

describe('an order that cannot be handed on', () => {
  const half: Manner = (_request, response) => {
    response.writeHead(200, { 'Content-Length': 99 });
    response.write('{"id"');
    setImmediate(() => response.destroy());
  };
  const cases: [string, Manner, string, Record<string, string>?][] = [
    ['cuts the connection', resets, 'payment: The connection was reset before the answer was whole.'],
    ['answers 500', answer(500, 'oops'), 'payment: It answered 500: not a body of this chain ("oops").'],
    ['answers 200 with HTML', answer(200, '<html>'), 'payment: It answered 200 without a document'],
    ['answers half a body', half, 'payment: No usable answer'],
    ['never answers', hangs, 'payment: No answer within 200 ms.', { ATTEMPT_TIMEOUT_MS: '200' }],
  ];

  it.each(cases)(
    'is kept, says so, and is carried on when the next hop %s',
    async (what, manner, reason, env) => {
      const hop = await start(env);
      const id = what.replaceAll(' ', '-');
      neighbour.behave(manner);
      const kept = await request(hop.url).post('/create').send(createOrder(id));
      expect([kept.status, kept.headers.location]).toEqual([202, `/orders/${id}`]);
      expect(Number(kept.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(kept.body).toEqual({
        id,
        status: 'pending',
        pendingAt: 'payment',
        reason: expect.stringContaining(reason),
      });
      expect(await read(hop, id)).toMatchObject({
        status: 'pending',
        attempts: expect.any(Number),
        nextTryAt: expect.any(String),
        lastError: expect.stringContaining(reason),
      });
      neighbour.behave(completes);
      await ends(hop, id).toBe('completed');
      const repeated = await request(hop.url).post('/create').send(createOrder(id));
      expect([repeated.status, repeated.headers['idempotent-replayed']]).toEqual([200, 'true']);
    },
  );

  it.each([
    ['404', answer(404, '<html>no</html>'), 'which says nothing about the document'],
    [
      'a redirect',
      answer(302, '', { Location: 'http://127.0.0.1:1/' }),
      'which says nothing about the document',
    ],
    ['a 422 of a stranger', answer(422, { error: 'no' }), 'It answered 422, which is not final'],
    ['a 413', answer(413, ''), 'It answered 413, which is not final'],
  ])('is never cancelled by %s: that alarms and is tried slowly', async (_what, manner, words) => {
    const hop = await start();
    neighbour.behave(manner);
    const kept = await request(hop.url).post('/create').send(createOrder('strange'));
    expect([kept.status, kept.headers['retry-after']]).toEqual([202, '5']);
    expect(kept.body.reason).toContain(words);
    expect((await read(hop, 'strange')).status).toBe('pending');
    expect(hops.logged).toContainEqual(
      expect.objectContaining({
        level: 'error',
        msg: expect.stringContaining('"strange" cannot be handed on, check CHAIN_SVC'),
      }),
    );
  });

  it('is kept when nobody listens there, and listed as pending', async () => {
    const hop = await start({ CHAIN_SVC: 'http://127.0.0.1:1/create' });
    const kept = await request(hop.url).post('/create').send(createOrder('alone'));
    expect([kept.status, kept.body.reason]).toEqual([
      202,
      'payment: The connection was refused: nobody listens there.',
    ]);
    const { body } = await request(hop.url).get('/orders').query({ status: 'pending', limit: 5 });
    expect(body.orders).toMatchObject([{ id: 'alone', status: 'pending' }]);
    expect((await request(hop.url).get('/orders?status=completed')).body).toEqual({ orders: [] });
    expect((await request(hop.url).get('/readyz?verbose')).body).toMatchObject({
      pending: 1,
      finishedTooLate: 0,
    });
  });

  it('is tried once more while its client waits', async () => {
    const hop = await start({ RETRY_ATTEMPTS: '2' });
    let calls = 0;
    neighbour.behave((...call) => (++calls === 1 ? resets : completes)(...call));
    expect((await request(hop.url).post('/create').send(createOrder())).status).toBe(200);
    expect(neighbour.received.map(({ headers }) => headers['chain-retrying'])).toEqual(['1', '1']);
  });

  it('is not tried again inline when the caller retries already', async () => {
    const hop = await start({ RETRY_ATTEMPTS: '5', BREAKER_MIN_CALLS: '1', BREAKER_OPEN_MS: '60000' });
    neighbour.behave(resets);
    await postAsHop(hop.url, createOrder(), { retrying: true });
    expect(neighbour.received).toHaveLength(1);
  });

  it('is kept without a call once the breaker is open, and the relay supplies the probe', async () => {
    const hop = await start({ BREAKER_MIN_CALLS: '3', BREAKER_OPEN_MS: '3000' });
    neighbour.behave(answer(500, ''));
    const ids = Array.from({ length: 3 }, (_, n) => `trip-${n}`);
    await Promise.all(ids.map((id) => request(hop.url).post('/create').send(createOrder(id))));
    await expect.poll(() => hops.logged.filter(({ event }) => event === 'transition').length).toBe(1);
    const calls = neighbour.received.length;
    const kept = await request(hop.url).post('/create').send(createOrder('rejected'));
    expect(kept.status).toBe(202);
    expect(kept.body.reason).toMatch(
      /^The breaker order→payment opened .* ago after \d of \d calls failed\. Next try in /,
    );
    // Three seconds and a jitter of 250 ms, in whole seconds.
    expect(Number(kept.headers['retry-after'])).toBeLessThanOrEqual(4);
    expect(neighbour.received).toHaveLength(calls);
    // What is kept is read later, when neither "ago" nor "in" would be true.
    const lasting = expect.stringMatching(/^The breaker order→payment is open: \d of \d calls failed\.$/);
    expect((await read(hop, 'rejected')).lastError).toEqual(lasting);
    const ofHop = postAsHop(hop.url, createOrder('of-a-hop'), { parent: 'p-1' });
    expect((await ofHop).body.reason).toEqual(lasting);
    expect((await request(hop.url).get('/readyz')).status).toBe(200);
    neighbour.behave(completes);
    for (const id of [...ids, 'rejected']) await ends(hop, id).toBe('completed');
    expect(hops.logged.filter(({ event }) => event === 'transition').map(({ msg }) => msg)).toEqual([
      expect.stringContaining('● CLOSED → ○ OPEN'),
      expect.stringContaining('○ OPEN → ◐ HALF-OPEN'),
      expect.stringContaining('◐ HALF-OPEN → ● CLOSED'),
    ]);
  });

  it('asks again until the next hop has finished', async () => {
    const hop = await start();
    let asked = 0;
    const pending: Manner = (call, ...rest) => {
      asked += 1;
      if (asked > 2) return completes(call, ...rest);
      answer(
        202,
        { id: call.body.id, status: 'pending', reason: 'shipment is away' },
        { 'Retry-After': '1' },
      )(call, ...rest);
    };
    neighbour.behave(pending);
    const kept = await request(hop.url).post('/create').send(createOrder('poll'));
    expect([kept.status, kept.body.reason]).toEqual([202, 'shipment is away']);
    await ends(hop, 'poll').toBe('completed');
    expect(new Set(neighbour.received.map(({ body }) => body.id))).toEqual(new Set(['p-poll']));
  });

  it('answers 202 while another request is handing it on', async () => {
    const hop = await start();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<() => void>();
    neighbour.behave((...call) => arrive(() => completes(...call)));
    const body = createOrder('busy');
    const first = request(hop.url)
      .post('/create')
      .send(body)
      .then((response) => response);
    const go = await arrived;
    const second = await request(hop.url).post('/create').send(body);
    expect([second.status, second.headers.location]).toEqual([202, '/orders/busy']);
    expect(second.body).toEqual({
      id: 'busy',
      status: 'pending',
      pendingAt: 'payment',
      reason: 'It is being handed on.',
    });
    go();
    expect((await first).status).toBe(200);
    expect(neighbour.received).toHaveLength(1);
  });

  it('is taken up again at once after a restart, whatever its old lease says', async () => {
    await (await start({ ...restarts, CHAIN_SVC: 'http://127.0.0.1:1/create' })).stop();
    const client = new MongoClient(hops.mongoUrl);
    const body = createOrder('leased');
    const out = {
      due: new Date(Date.now() + 3_600_000),
      by: 'box:0/old/1',
      n: 1,
      fails: 0,
      firstAt: new Date(),
      hop: 1,
      via: [],
    };
    const at = new Date();
    const leased = {
      _id: 'leased' as never,
      v: 1,
      fp: 'x',
      parent: null,
      body,
      state: 'accepted',
      result: null,
      dups: 0,
      at,
      out,
    };
    const other = { ...leased, _id: 'foreign' as never, out: { ...out, by: 'box:00/old/1' } };
    await client.db().collection('orders').insertMany([leased, other]);
    await client.close();
    const hop = await start(restarts);
    await ends(hop, 'leased').toBe('completed');
    expect((await read(hop, 'foreign')).status).toBe('pending');
  });

  it('is sent once however often it comes at the same time', async () => {
    const hop = await start({ ATTEMPT_TIMEOUT_MS: '3000' });
    const body = createOrder('storm');
    const post = () => request(hop.url).post('/create').send(body);
    const statuses = (await Promise.all(Array.from({ length: 200 }, post))).map(({ status }) => status);
    // On a busy machine some may be told that the database was too slow; their repeat may be counted or not.
    const unknown = statuses.filter((status) => status === 503).length;
    expect(new Set(statuses).isSubsetOf(new Set([200, 202, 503]))).toBe(true);
    await ends(hop, 'storm').toBe('completed');
    expect(neighbour.received).toHaveLength(1);
    const [stored] = await hops.stored('orders');
    expect(stored).toMatchObject({ _id: 'storm', state: 'completed' });
    expect(Math.abs(199 - Number(stored?.dups))).toBeLessThanOrEqual(unknown);
  });
});

describe('an order that a later hop finally refuses', () => {
  it('is cancelled, with pointers into the order, and stays so', async () => {
    const hop = await start();
    const errors = [{ pointer: '/shipment/directions', detail: 'Nobody goes there.' }];
    neighbour.behave(
      answer(422, {
        type: '/problems/refused',
        title: 'No',
        status: 422,
        detail: 'Nobody goes there.',
        final: true,
        errors,
      }),
    );
    const refused = await request(hop.url).post('/create').send(createOrder('refused'));
    expect({ ...refused.body, requestId: 'any' }).toEqual({
      type: '/problems/refused',
      title: 'Refused',
      status: 422,
      detail: 'payment refused: Nobody goes there.',
      saved: true,
      final: true,
      id: 'refused',
      service: 'order',
      requestId: 'any',
      errors: [{ pointer: '/payment/shipment/directions', detail: 'Nobody goes there.' }],
    });
    neighbour.behave(completes);
    const again = await request(hop.url).post('/create').send(createOrder('refused'));
    expect([again.status, again.headers['idempotent-replayed'], neighbour.received.length]).toEqual([
      422,
      'true',
      1,
    ]);
    expect((await request(hop.url).get('/orders/refused')).body.status).toBe('cancelled');
  });
});

describe('the end of the chain', () => {
  it('is the hop whose number reaches JUMPS', async () => {
    const hop = await start({ JUMPS: '1' });
    const response = await request(hop.url).post('/create').send(createOrder());
    expect(response.body.message).toMatch(/^This is order @\d\d:\d\d -> Last$/);
    expect(neighbour.received).toHaveLength(0);
  });

  it('counts on from the number that the caller sent', async () => {
    const hop = await start({ JUMPS: '4' });
    await postAsHop(hop.url, createOrder(), { count: 2 });
    await postAsHop(hop.url, createOrder(), { count: 3 });
    expect(neighbour.received.map(({ url }) => url)).toEqual(['/create?count=3']);
  });

  it('refuses a ring and says what to check', async () => {
    const hop = await start();
    neighbour.behave(hangs);
    const body = createOrder('ring');
    const first = request(hop.url)
      .post('/create')
      .send(body)
      .then((response) => response);
    await expect.poll(() => neighbour.received.length).toBeGreaterThan(0);
    const back = await postAsHop(hop.url, body, { count: 3, headers: { Via: '1.1 order, 1.1 payment' } });
    expect({ status: back.status, ...back.body }).toMatchObject({
      status: 508,
      detail: 'The request came through order, payment and is back at order: CHAIN_SVC is a ring.',
    });
    await first;
  });
});

describe('INJECT_ERR', () => {
  it('fails four of ten requests after the save, and the order completes all the same', async () => {
    const hop = await start({ INJECT_ERR: '1' });
    const body = createOrder('flaky');
    const statuses = new Set<number>();
    for (let n = 0; n < 40; n += 1) statuses.add((await request(hop.url).post('/create').send(body)).status);
    expect([...statuses].filter((status) => status !== 202).sort()).toEqual([200, 502]);
    await ends(hop, 'flaky').toBe('completed');
  });
});
