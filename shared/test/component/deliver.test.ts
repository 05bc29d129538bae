/** A document on its way to the next hop: what a client reads when it goes well, and when it does not. */
import { MongoClient } from 'mongodb';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { postAsHop } from '../support/as-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { answer, completes, hangs, type Manner, resets, useNeighbour } from '../support/neighbour.ts';

const neighbour = useNeighbour();
const hops = useHops();

const plain = {
  ATTEMPT_TIMEOUT_MS: '1500',
  BREAKER_MIN_CALLS: '1000',
  RETRY_ATTEMPTS: '1',
  NEXT_NAME: 'middle',
};
const restarts = { INSTANCE: 'box' };
const start = (env: Record<string, string> = {}) =>
  hops.start(frontKind, 'front', { CHAIN_SVC: neighbour.url, ...plain, ...env });
const read = async (hop: RunningHop, id: string) => (await request(hop.url).get(`/fronts/${id}`)).body;
const ends = (hop: RunningHop, id: string) =>
  expect.poll(async () => (await read(hop, id)).status, { timeout: 20_000 });

describe('a document that the next hop completes', () => {
  it('is answered 200 with every hop, in the original words', async () => {
    const hop = await start();
    const body = createDocument('done');
    const response = await request(hop.url).post('/create').send(body);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      id: 'done',
      status: 'completed',
      message: expect.stringMatching(/^This is front @\d\d:\d\d -> Next This is neighbour @00:00 -> Last$/),
      doneAt: expect.any(String),
      hops: [
        { service: 'front', status: 'completed', ms: expect.any(Number) },
        { service: 'neighbour', status: 'completed', ms: expect.any(Number) },
      ],
    });
  });

  it('forwards the middle, its number, its parent and the time that is left', async () => {
    const hop = await start();
    const body = createDocument('handed');
    await request(hop.url)
      .post('/fronts')
      .set('X-Request-Id', 'r-1')
      .set('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
      .send(body);
    expect(neighbour.received).toEqual([
      {
        url: '/create?count=1',
        body: body.middle,
        headers: expect.objectContaining({
          'chain-parent': 'handed',
          'request-timeout-ms': '1480',
          'x-request-id': 'r-1',
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
          via: '1.1 front',
        }),
      },
    ]);
  });

  it('is kept as one document with its answer, and has no outbox any more', async () => {
    const hop = await start();
    const body = createDocument('document');
    const { body: view } = await request(hop.url).post('/create').send(body);
    const stored = (await hops.stored('fronts')).find((document) => document._id === 'document');
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
    const body = createDocument('again');
    const first = await request(hop.url).post('/create').send(body);
    const second = await request(hop.url).post('/fronts').send(body);
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect(second.body).toEqual(first.body);
    expect(neighbour.received).toHaveLength(1);
    expect((await request(hop.url).get('/fronts/again')).body).toMatchObject({
      id: 'again',
      status: 'completed',
      repeats: 1,
    });
  });

  it('is the same document however its fields are sorted', async () => {
    const hop = await start();
    const { id, items, middle } = createDocument('sorted');
    await request(hop.url).post('/create').send({ id, items, middle });
    const second = await request(hop.url).post('/create').send({ middle, items, id });
    expect(second.headers['idempotent-replayed']).toBe('true');
  });

  it('is not touched by other content under its id', async () => {
    const hop = await start();
    await request(hop.url).post('/create').send(createDocument('taken'));
    const other = await request(hop.url)
      .post('/create')
      .send({ ...createDocument('taken'), items: ['more'] });
    expect({ status: other.status, ...other.body }).toMatchObject({
      status: 409,
      type: '/problems/conflict',
      final: true,
      saved: false,
      detail: 'The id "taken" exists with other content. The first one is untouched.',
    });
    expect((await request(hop.url).get('/fronts/taken')).body.document.items).toEqual([]);
  });
});

describe('a document that cannot be delivered', () => {
  const half: Manner = (_request, response) => {
    response.writeHead(200, { 'Content-Length': 99 });
    response.write('{"id"');
    setImmediate(() => response.destroy());
  };
  const cases: [string, Manner, string, Record<string, string>?][] = [
    ['cuts the connection', resets, 'middle: The connection was reset before the answer was whole.'],
    ['answers 500', answer(500, 'oops'), 'middle: It answered 500: not a body of this chain ("oops").'],
    ['answers 200 with HTML', answer(200, '<html>'), 'middle: It answered 200 without a document'],
    ['answers half a body', half, 'middle: No usable answer'],
    ['never answers', hangs, 'middle: No answer within 200 ms.', { ATTEMPT_TIMEOUT_MS: '200' }],
  ];

  it.each(cases)(
    'is kept, says so, and is carried on when the next hop %s',
    async (what, manner, reason, env) => {
      const hop = await start(env);
      const id = what.replaceAll(' ', '-');
      neighbour.behave(manner);
      const kept = await request(hop.url).post('/create').send(createDocument(id));
      expect([kept.status, kept.headers.location]).toEqual([202, `/fronts/${id}`]);
      expect(Number(kept.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(kept.body).toEqual({
        id,
        status: 'pending',
        pendingAt: 'middle',
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
      const repeated = await request(hop.url).post('/create').send(createDocument(id));
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
    const kept = await request(hop.url).post('/create').send(createDocument('strange'));
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
    const kept = await request(hop.url).post('/create').send(createDocument('alone'));
    expect([kept.status, kept.body.reason]).toEqual([
      202,
      'middle: The connection was refused: nobody listens there.',
    ]);
    const { body } = await request(hop.url).get('/fronts').query({ status: 'pending', limit: 5 });
    expect(body.fronts).toMatchObject([{ id: 'alone', status: 'pending' }]);
    expect((await request(hop.url).get('/fronts?status=completed')).body).toEqual({ fronts: [] });
    expect((await request(hop.url).get('/readyz?verbose')).body).toMatchObject({
      pending: 1,
      finishedTooLate: 0,
    });
  });

  it('is tried once more while its client waits', async () => {
    const hop = await start({ RETRY_ATTEMPTS: '2' });
    let calls = 0;
    neighbour.behave((...call) => (++calls === 1 ? resets : completes)(...call));
    expect((await request(hop.url).post('/create').send(createDocument())).status).toBe(200);
    expect(neighbour.received.map(({ headers }) => headers['chain-retrying'])).toEqual(['1', '1']);
  });

  it('is not tried again inline when the caller retries already', async () => {
    const hop = await start({ RETRY_ATTEMPTS: '5', BREAKER_MIN_CALLS: '1', BREAKER_OPEN_MS: '60000' });
    neighbour.behave(resets);
    await postAsHop(hop.url, createDocument(), { retrying: true });
    expect(neighbour.received).toHaveLength(1);
  });

  it('is kept without a call once the breaker is open, and the relay supplies the probe', async () => {
    const hop = await start({ BREAKER_MIN_CALLS: '3', BREAKER_OPEN_MS: '3000' });
    neighbour.behave(answer(500, ''));
    const ids = Array.from({ length: 3 }, (_, n) => `trip-${n}`);
    await Promise.all(ids.map((id) => request(hop.url).post('/create').send(createDocument(id))));
    await expect.poll(() => hops.logged.filter(({ event }) => event === 'transition').length).toBe(1);
    const calls = neighbour.received.length;
    const kept = await request(hop.url).post('/create').send(createDocument('rejected'));
    expect(kept.status).toBe(202);
    expect(kept.body.reason).toMatch(
      /^The breaker front→middle opened .* ago after \d of \d calls failed\. Next try in /,
    );
    // Three seconds and a jitter of 250 ms, in whole seconds.
    expect(Number(kept.headers['retry-after'])).toBeLessThanOrEqual(4);
    expect(neighbour.received).toHaveLength(calls);
    // What is kept is read later, when neither "ago" nor "in" would be true.
    const lasting = expect.stringMatching(/^The breaker front→middle is open: \d of \d calls failed\.$/);
    expect((await read(hop, 'rejected')).lastError).toEqual(lasting);
    const ofHop = postAsHop(hop.url, createDocument('of-a-hop'), { parent: 'm-1' });
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
        { id: call.body.id, status: 'pending', reason: 'end is away' },
        { 'Retry-After': '1' },
      )(call, ...rest);
    };
    neighbour.behave(pending);
    const kept = await request(hop.url).post('/create').send(createDocument('poll'));
    expect([kept.status, kept.body.reason]).toEqual([202, 'end is away']);
    await ends(hop, 'poll').toBe('completed');
    expect(new Set(neighbour.received.map(({ body }) => body.id))).toEqual(new Set(['m-poll']));
  });

  it('answers 202 while another request is handing it on', async () => {
    const hop = await start();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<() => void>();
    neighbour.behave((...call) => arrive(() => completes(...call)));
    const body = createDocument('busy');
    const first = request(hop.url)
      .post('/create')
      .send(body)
      .then((response) => response);
    const go = await arrived;
    const second = await request(hop.url).post('/create').send(body);
    expect([second.status, second.headers.location]).toEqual([202, '/fronts/busy']);
    expect(second.body).toEqual({
      id: 'busy',
      status: 'pending',
      pendingAt: 'middle',
      reason: 'It is being handed on.',
    });
    go();
    expect((await first).status).toBe(200);
    expect(neighbour.received).toHaveLength(1);
  });

  it('is taken up again at once after a restart, whatever its old lease says', async () => {
    await (await start({ ...restarts, CHAIN_SVC: 'http://127.0.0.1:1/create' })).stop();
    const client = new MongoClient(hops.mongoUrl);
    const body = createDocument('leased');
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
    await client.db().collection('fronts').insertMany([leased, other]);
    await client.close();
    const hop = await start(restarts);
    await ends(hop, 'leased').toBe('completed');
    expect((await read(hop, 'foreign')).status).toBe('pending');
  });

  it('is sent once however often it comes at the same time', async () => {
    const hop = await start({ ATTEMPT_TIMEOUT_MS: '3000' });
    const body = createDocument('storm');
    const post = () => request(hop.url).post('/create').send(body);
    const statuses = (await Promise.all(Array.from({ length: 200 }, post))).map(({ status }) => status);
    // On a busy machine some may be told that the database was too slow; their repeat may be counted or not.
    const unknown = statuses.filter((status) => status === 503).length;
    expect(new Set(statuses).isSubsetOf(new Set([200, 202, 503]))).toBe(true);
    await ends(hop, 'storm').toBe('completed');
    expect(neighbour.received).toHaveLength(1);
    const [stored] = await hops.stored('fronts');
    expect(stored).toMatchObject({ _id: 'storm', state: 'completed' });
    expect(Math.abs(199 - Number(stored?.dups))).toBeLessThanOrEqual(unknown);
  });
});

describe('a document that a later hop finally refuses', () => {
  it('is cancelled, with pointers into the document, and stays so', async () => {
    const hop = await start();
    const errors = [{ pointer: '/end/text', detail: 'Nobody goes there.' }];
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
    const refused = await request(hop.url).post('/create').send(createDocument('refused'));
    expect({ ...refused.body, requestId: 'any' }).toEqual({
      type: '/problems/refused',
      title: 'Refused',
      status: 422,
      detail: 'middle refused: Nobody goes there.',
      saved: true,
      final: true,
      id: 'refused',
      service: 'front',
      requestId: 'any',
      errors: [{ pointer: '/middle/end/text', detail: 'Nobody goes there.' }],
    });
    neighbour.behave(completes);
    const again = await request(hop.url).post('/create').send(createDocument('refused'));
    expect([again.status, again.headers['idempotent-replayed'], neighbour.received.length]).toEqual([
      422,
      'true',
      1,
    ]);
    expect((await request(hop.url).get('/fronts/refused')).body.status).toBe('cancelled');
  });
});

describe('the end of the chain', () => {
  it('is the hop whose number reaches JUMPS', async () => {
    const hop = await start({ JUMPS: '1' });
    const response = await request(hop.url).post('/create').send(createDocument());
    expect(response.body.message).toMatch(/^This is front @\d\d:\d\d -> Last$/);
    expect(neighbour.received).toHaveLength(0);
  });

  it('counts on from the number that the caller sent', async () => {
    const hop = await start({ JUMPS: '4' });
    await postAsHop(hop.url, createDocument(), { count: 2 });
    await postAsHop(hop.url, createDocument(), { count: 3 });
    expect(neighbour.received.map(({ url }) => url)).toEqual(['/create?count=3']);
  });

  it('refuses a ring and says what to check', async () => {
    const hop = await start();
    neighbour.behave(hangs);
    const body = createDocument('ring');
    const first = request(hop.url)
      .post('/create')
      .send(body)
      .then((response) => response);
    await expect.poll(() => neighbour.received.length).toBeGreaterThan(0);
    const back = await postAsHop(hop.url, body, { count: 3, headers: { Via: '1.1 front, 1.1 middle' } });
    expect({ status: back.status, ...back.body }).toMatchObject({
      status: 508,
      detail: 'The request came through front, middle and is back at front: CHAIN_SVC is a ring.',
    });
    await first;
  });
});

describe('INJECT_ERR', () => {
  it('fails four of ten requests after the save, and the document completes all the same', async () => {
    const hop = await start({ INJECT_ERR: '1' });
    const body = createDocument('flaky');
    const statuses = new Set<number>();
    for (let n = 0; n < 40; n += 1) statuses.add((await request(hop.url).post('/create').send(body)).status);
    expect([...statuses].filter((status) => status !== 202).sort()).toEqual([200, 502]);
    await ends(hop, 'flaky').toBe('completed');
  });
});
