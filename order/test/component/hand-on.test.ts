/** An order on its way to the next hop: what a client reads when it goes well, and when it does not. */
import request from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHops, createOrder } from '../../../shared/test/support/hops.ts';
import {
  answer,
  completes,
  hangs,
  type Manner,
  type Neighbour,
  resets,
  startNeighbour,
} from '../../../shared/test/support/neighbour.ts';
import { order } from '../../src/order.ts';

const hops = createHops();
let neighbour: Neighbour;

beforeAll(async () => {
  neighbour = await startNeighbour();
});
afterEach(() => {
  neighbour.behave(completes);
  neighbour.received.length = 0;
});
afterAll(async () => {
  await hops.stop();
  await neighbour.stop();
});

const patient = { ATTEMPT_TIMEOUT_MS: '200', BREAKER_MIN_CALLS: '1000', NEXT_NAME: 'payment' };
const start = (env: Record<string, string> = {}) =>
  hops.start(order, 'order', { CHAIN_SVC: neighbour.url, ...patient, ...env });

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
      .set('traceparent', '00-a-b-01')
      .send(body);
    expect(neighbour.received).toEqual([
      {
        url: '/create?count=1',
        body: body.payment,
        headers: expect.objectContaining({
          'chain-parent': 'handed',
          'request-timeout-ms': '180',
          'x-request-id': 'r-1',
          traceparent: '00-a-b-01',
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
  const cases: [string, Manner, number, string, string][] = [
    [
      'cuts the connection',
      resets,
      502,
      'neighbour-unreachable',
      'The connection was reset before the answer was whole.',
    ],
    [
      'answers 500',
      answer(500, 'oops'),
      502,
      'neighbour-failed',
      'It answered 500: not a body of this chain ("oops").',
    ],
    [
      'answers 200 with HTML',
      answer(200, '<html>'),
      502,
      'neighbour-failed',
      'It answered 200 without a document',
    ],
    [
      'answers half a body',
      (_r, response) => {
        response.writeHead(200, { 'Content-Length': 99 });
        response.write('{"id"');
        setImmediate(() => response.destroy());
      },
      502,
      'neighbour-unreachable',
      'No usable answer',
    ],
    [
      'answers 404',
      answer(404, '<html>no</html>'),
      502,
      'neighbour-misconfigured',
      'It answered 404, which says nothing about the document',
    ],
    [
      'redirects',
      answer(302, '', { Location: 'http://127.0.0.1:1/' }),
      502,
      'neighbour-misconfigured',
      'It answered 302',
    ],
    ['never answers', hangs, 504, 'attempt-timeout', 'No answer within 200 ms.'],
  ];

  it.each(cases)('is kept and says so when the next hop %s', async (what, manner, status, code, detail) => {
    const hop = await start();
    const id = what.replaceAll(' ', '-');
    neighbour.behave(manner);
    const failed = await request(hop.url).post('/create').send(createOrder(id));
    expect({ ...failed.body, status: failed.status, type: failed.type }).toMatchObject({
      status,
      type: 'application/problem+json',
      id,
      saved: true,
      service: 'order',
      detail: expect.stringContaining(detail),
    });
    expect(failed.body.type).toBe(`/problems/${code}`);
    expect(failed.headers.location).toBe(`/orders/${id}`);
    expect((await request(hop.url).get(`/orders/${id}`)).body).toMatchObject({
      status: 'pending',
      attempts: 1,
      failures: 1,
      lastError: expect.stringContaining(detail),
    });

    neighbour.behave(completes);
    const repeated = await request(hop.url).post('/create').send(createOrder(id));
    expect([repeated.status, repeated.body.status]).toEqual([200, 'completed']);
  });

  it('is kept when nobody listens there', async () => {
    const hop = await start({ CHAIN_SVC: 'http://127.0.0.1:1/create' });
    const response = await request(hop.url).post('/create').send(createOrder());
    expect({ status: response.status, ...response.body }).toMatchObject({
      status: 502,
      saved: true,
      detail: 'The connection was refused: nobody listens there.',
    });
  });

  it('is rejected fast once the breaker is open, and says when to come back', async () => {
    const hop = await start({ BREAKER_MIN_CALLS: '5', BREAKER_OPEN_MS: '60000' });
    neighbour.behave(answer(500, ''));
    for (let n = 0; n < 5; n += 1) await request(hop.url).post('/create').send(createOrder());
    expect(neighbour.received).toHaveLength(5);
    const rejected = await request(hop.url).post('/create').send(createOrder('rejected'));
    expect({ status: rejected.status, ...rejected.body }).toMatchObject({
      status: 503,
      type: '/problems/breaker-open',
      saved: true,
      id: 'rejected',
      detail: expect.stringMatching(
        /^The breaker order→payment opened .* ago after 5 of 5 calls failed\. Next try in /,
      ),
    });
    expect(Number(rejected.headers['retry-after'])).toBeGreaterThan(50);
    expect(neighbour.received).toHaveLength(5);
    expect((await request(hop.url).get('/readyz')).status).toBe(200);
    expect(hops.logged.filter(({ event }) => event === 'transition').at(-1)?.msg).toContain(
      'order→payment  ● CLOSED → ○ OPEN',
    );
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
    expect([second.status, second.headers.location, second.headers['retry-after']]).toEqual([
      202,
      '/orders/busy',
      '1',
    ]);
    expect(second.body).toEqual({
      id: 'busy',
      status: 'pending',
      pendingAt: 'order',
      reason: 'Another request is handing it on.',
    });
    go();
    expect((await first).status).toBe(200);
    expect(neighbour.received).toHaveLength(1);
  });

  it('is sent once however often it comes at the same time', async () => {
    const hop = await start();
    const body = createOrder('storm');
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => request(hop.url).post('/create').send(body)),
    );
    expect(new Set(answers.map(({ status }) => status)).isSubsetOf(new Set([200, 202]))).toBe(true);
    expect(neighbour.received).toHaveLength(1);
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
      title: 'Refused further down the chain',
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
    const inner = () => request(hop.url).post('/create').set('Chain-Parent', 'someone');
    await inner().query({ count: 2 }).send(createOrder());
    await inner().query({ count: 3 }).send(createOrder());
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
    await expect.poll(() => neighbour.received.length).toBe(1);
    const back = await request(hop.url)
      .post('/create?count=3')
      .set('Chain-Parent', 'x')
      .set('Via', '1.1 order, 1.1 payment')
      .send(body);
    expect({ status: back.status, ...back.body }).toMatchObject({
      status: 508,
      detail: 'The request came through order, payment and is back at order: CHAIN_SVC is a ring.',
    });
    await first;
  });
});

describe('INJECT_ERR', () => {
  it('fails four of ten requests after the save, and a repeat completes', async () => {
    const hop = await start({ INJECT_ERR: '1' });
    const body = createOrder('flaky');
    const statuses: number[] = [];
    for (let n = 0; n < 10 || !statuses.includes(200); n += 1) {
      statuses.push((await request(hop.url).post('/create').send(body)).status);
    }
    expect(new Set(statuses).isSubsetOf(new Set([200, 502]))).toBe(true);
    expect((await request(hop.url).get('/orders/flaky')).body.status).toBe('completed');
  });
});
