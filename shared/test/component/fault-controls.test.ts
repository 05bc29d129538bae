/** Asking for faults over HTTP, for a while or for one request, and who may. */
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { until } from '../../src/core/until.ts';
import { toKeyObject } from '../../src/proof/chain-keys.ts';
import { proveFaults } from '../../src/proof/chain-proof.ts';
import { chainKey, postAsHop, toHopRequest } from '../support/as-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { listen } from '../support/listen.ts';
import { useNeighbour } from '../support/neighbour.ts';
import { startChain } from '../support/start-chain.ts';

const neighbour = useNeighbour();
const hops = useHops();

const start = (env: Record<string, string> = {}) =>
  hops.start(frontKind, 'front', {
    CHAIN_SVC: neighbour.url,
    NEXT_NAME: 'middle',
    RETRY_ATTEMPTS: '1',
    BREAKER_MIN_CALLS: '1000',
    LAB: '1',
    ...env,
  });
const send = (hop: RunningHop, headers: Record<string, string> = {}, id?: string) =>
  request(hop.url).post('/create').set(headers).send(createDocument(id));

describe('/faults', () => {
  it('shows what is on, takes a new fault, changes it, and ends it', async () => {
    const { url } = await start();
    const created = await request(url).put('/faults/flaky').send({ type: 'error', rate: 0.6 });
    const fault = {
      name: 'flaky',
      type: 'error',
      phase: 'before',
      rate: 0.6,
      status: 503,
      ms: 800,
      jitterMs: 0,
      match: null,
      times: null,
      seed: null,
      seen: 0,
      hits: 0,
      since: expect.any(Number),
      expiresAt: expect.any(Number),
      leftMs: expect.any(Number),
    };
    expect([created.status, created.body]).toEqual([201, fault]);
    expect(created.body.expiresAt - created.body.since).toBe(60_000);
    const changed = await request(url).put('/faults/flaky').send({ type: 'hang', ttlMs: 120_000 });
    expect([changed.status, changed.body]).toMatchObject([200, { type: 'hang', rate: 1 }]);
    await request(url).put('/faults/slow').send({ type: 'latency', ms: 100 }).expect(201);
    expect((await request(url).get('/faults')).body).toEqual({
      service: 'front',
      instance: expect.any(String),
      at: expect.any(Number),
      faults: [
        expect.objectContaining({ name: 'flaky' }),
        { ...fault, name: 'slow', type: 'latency', rate: 1, ms: 100 },
      ],
    });
    const ended = await request(url).delete('/faults/slow');
    expect([ended.status, ended.text]).toEqual([204, '']);
    const missing = await request(url).delete('/faults/slow');
    expect([missing.status, missing.body.detail]).toEqual([
      404,
      'No fault is called "slow"; there are flaky.',
    ]);
    expect((await request(url).delete('/faults')).body).toEqual({ deleted: 1 });
    expect((await request(url).delete('/faults')).body).toEqual({ deleted: 0 });
  });

  it('tells the log and the stream when a fault begins, changes and is over', async () => {
    const { url } = await start();
    const stream = await listen(url);
    await request(url).put('/faults/short').send({ type: 'error', status: 500, ttlMs: 60_000 });
    await request(url).put('/faults/short').send({ type: 'error', status: 500, ttlMs: 20 });
    const lines = () => hops.logged.filter(({ event }) => event === 'fault');
    await until('it is over', () => lines().length === 3);
    expect(lines()).toMatchObject([
      { level: 'info', change: 'on', msg: '⚡ fault on: short, 100% errors 500 before the save, for 60 s' },
      { change: 'changed', msg: '⚡ fault changed: short, 100% errors 500 before the save, for 20 ms' },
      {
        change: 'off',
        reason: 'expired',
        fault: { name: 'short', hits: 0 },
        msg: '⚡ fault off: short, its time is over · 0 hits in 0 requests',
      },
    ]);
    const received = await until('the stream has sent them', () => {
      const told = stream.received.filter(({ event }) => event === 'fault');
      return told.length === 3 && told;
    });
    expect(received.map(({ data }) => data.line)).toEqual(lines().map(({ msg }) => msg));
    stream.close();
  });

  it.each<[object, string]>([
    [{ type: 'error', status: 200 }, '/status'],
    [{ type: 'hang', ms: 5 }, '/ms'],
    [{}, '/type'],
  ])('refuses %j and says where it is wrong', async (body, pointer) => {
    const { url } = await start();
    const { status, body: problem } = await request(url).put('/faults/x').send(body);
    expect([status, problem.type, problem.errors.map((error: { pointer: string }) => error.pointer)]).toEqual(
      [422, '/problems/invalid', [pointer]],
    );
    expect((await request(url).get('/faults')).body.faults).toEqual([]);
  });

  it('refuses a name that is none, and content that is no JSON', async () => {
    const { url } = await start();
    const put = (name: string) => request(url).put(`/faults/${name}`);
    expect((await put('Big').send({ type: 'error' })).body).toMatchObject({
      status: 422,
      errors: [{ pointer: '/name' }],
    });
    expect((await put('x').set('Content-Type', 'text/plain').send('{"type":"error"}')).status).toBe(415);
    expect((await put('x').set('Content-Type', 'application/json').send('{"type"')).status).toBe(400);
  });

  it('says all that is wrong at once, the name too', async () => {
    const { url } = await start();
    const body = { type: 'error', status: 200, rate: 2, ttlMs: 0 };
    const { status, body: problem } = await request(url).put('/faults/Big').send(body);
    const pointers = problem.errors.map((error: { pointer: string }) => error.pointer);
    expect([status, pointers]).toEqual([422, ['/name', '/status', '/rate', '/ttlMs']]);
  });

  it('can be shown INJECT_ERR=1, and asked to end it', async () => {
    const { url } = await start({ INJECT_ERR: '1' });
    expect((await request(url).get('/faults')).body.faults).toMatchObject([
      { name: 'inject-err', type: 'error', status: 502, rate: 0.4, phase: 'after', expiresAt: null },
    ]);
    await request(url).delete('/faults/inject-err').expect(204);
    for (let n = 0; n < 12; n += 1) await request(url).post('/create').send(createDocument()).expect(200);
  });
});

describe('without LAB=1', () => {
  it('there are no faults to ask for, and the header is not there', async () => {
    const hop = await start({ LAB: '0' });
    const { url } = hop;
    const asked = [
      request(url).get('/faults'),
      request(url).delete('/faults'),
      request(url).put('/faults/x').send({ type: 'crash' }),
      request(url).put('/faults/x').set('Content-Type', 'text/plain').send('x'),
      request(url).delete('/faults/x'),
    ];
    for (const { status, body } of await Promise.all(asked)) {
      expect([status, body.detail]).toEqual([404, expect.stringContaining('only with LAB=1')]);
    }
    const { status, headers } = await send(hop, { 'Lab-Fault': 'front;crash, no sense' });
    expect([status, headers['fault-injected']]).toEqual([200, undefined]);
    expect(neighbour.received[0]?.headers).not.toHaveProperty('lab-fault');
    expect(hops.crashed).toEqual([]);
  });

  it('INJECT_ERR=1 works all the same, marks what it hits, and cannot be ended', async () => {
    const hop = await start({ LAB: '0', INJECT_ERR: '1' });
    const hit = await until('one is hit', async () => {
      const answer = await send(hop);
      return answer.status === 502 && answer;
    });
    expect([hit.headers['fault-injected'], hit.body]).toEqual([
      'inject-err',
      expect.objectContaining({
        type: '/problems/injected',
        saved: true,
        detail: 'INJECT_ERR=1 fails 40 % of the requests after they were saved. This was one of them.',
      }),
    ]);
    await request(hop.url).delete('/faults').expect(404);
  });
});

describe('who may ask for faults', () => {
  const strangers: [string, Record<string, string>, number][] = [
    ['a page of another origin', { Origin: 'http://evil.example' }, 403],
    ['a page under a name that was bound to this machine', { Host: 'evil.example' }, 403],
    ['such a page of its own origin', { Host: 'evil.example', Origin: 'http://evil.example' }, 403],
    ['nobody without the token', {}, 401],
    ['nobody with a wrong token', { Authorization: 'Bearer wrong-token' }, 401],
  ];

  it.each(strangers)('not %s', async (_who, headers, status) => {
    const hop = await start({ LAB_TOKEN: 'the-right-token' });
    const { url } = hop;
    const asked = [
      request(url).get('/faults').set(headers),
      request(url).delete('/faults').set(headers),
      request(url).delete('/faults/x').set(headers),
      request(url).put('/faults/x').set(headers).send({ type: 'crash' }),
      send(hop, { ...headers, 'Lab-Fault': 'front;crash' }),
      request(url)
        .get('/fronts')
        .set({ ...headers, 'Lab-Fault': 'front;crash' }),
    ];
    const answers = await Promise.all(asked);
    expect(answers.map((answer) => answer.status)).toEqual(asked.map(() => status));
    expect(hops.crashed).toEqual([]);
    expect(await hops.stored('fronts')).toEqual([]);
  });

  it('whoever knows the token, which a chain passes on to nobody: it proves the header', async () => {
    const hop = await start({ LAB_TOKEN: 'the-right-token' });
    const Authorization = 'Bearer the-right-token';
    await request(hop.url).put('/faults/x').set({ Authorization }).send({ type: 'hang' }).expect(201);
    await request(hop.url).delete('/faults').set({ Authorization }).expect(200);
    await send(hop, { Authorization, 'Lab-Fault': 'middle;hang' }).expect(200);
    await send(hop, { Authorization }).expect(200);
    expect(
      neighbour.received.map(({ headers }) => [
        headers['lab-fault'],
        headers['lab-fault-proof'],
        headers.authorization,
      ]),
    ).toEqual([
      ['middle;hang', expect.stringMatching(/^[0-9a-f]{64}$/), undefined],
      [undefined, undefined, undefined],
    ]);
  });

  it('a hop that proves it, and none that does not', async () => {
    const hop = await start({ LAB_TOKEN: 'the-right-token' });
    const ask = (faults: string, said = faults) => {
      const body = createDocument();
      const proof = toHopRequest(JSON.stringify(body)).headers['Chain-Proof'];
      const asked = proveFaults(toKeyObject(chainKey), { request: proof, faults: said });
      return postAsHop(hop.url, body, { headers: { 'Lab-Fault': faults, 'Lab-Fault-Proof': asked } });
    };
    expect((await ask('front;error=418')).status).toBe(418);
    expect((await ask('front;error=418', 'middle;hang')).status).toBe(401);
    const plain = { 'Lab-Fault': 'front;error=418', 'Lab-Fault-Proof': 'ab'.repeat(32) };
    expect((await postAsHop(hop.url, createDocument(), { headers: plain })).status).toBe(401);
    expect((await send(hop, plain)).status).toBe(401);
  });
});

describe('Lab-Fault', () => {
  it.each([
    ['front;error=418', 418, 'nothing'],
    ['front;unready', 503, 'nothing'],
    ['front;error=500;phase=after', 500, 'completed'],
    ['front;latency=50', 200, 'completed'],
    ['front;latency=50;phase=after,front;error=500', 500, 'nothing'],
  ])('%s hits one request alone', async (header, expected, finally_) => {
    const hop = await start();
    const { status, headers } = await send(hop, { 'Lab-Fault': header }, 'a');
    expect([status, headers['fault-injected']]).toEqual([expected, 'Lab-Fault']);
    const stateOf = async () => (await hops.stored('fronts'))[0]?.state ?? 'nothing';
    await expect.poll(stateOf).toBe(finally_);
    const next = await send(hop, {}, 'a');
    expect([next.status, next.headers['fault-injected']]).toEqual([200, undefined]);
    expect(neighbour.received).toHaveLength(1);
  });

  it.each(['hang', 'reset', 'crash'])('can %s', async (what) => {
    const hop = await start();
    const sent = send(hop, { 'Lab-Fault': `front;${what};phase=after` }, 'a');
    const end = sent.then(
      ({ status }) => status,
      (error: Error) => error.message,
    );
    await until('it is kept', async () => (await hops.stored('fronts')).length === 1);
    if (what === 'hang') sent.abort();
    expect(await end).toBe(what === 'hang' ? 'Aborted' : 'read ECONNRESET');
    expect(hops.crashed).toEqual(what === 'crash' ? ['Lab-Fault'] : []);
    await expect.poll(async () => (await hops.stored('fronts'))[0]?.state).toBe('completed');
    expect(neighbour.received).toHaveLength(1);
  });

  it('hits a read, too, and says what it was', async () => {
    const hop = await start();
    const { status, body } = await request(hop.url).get('/fronts').set('Lab-Fault', 'front;error=500');
    expect([status, body.detail]).toEqual([500, 'Lab-Fault asked for error=500 before the save.']);
  });

  it('is refused when a part cannot be read, and nothing is kept', async () => {
    const hop = await start();
    const { status, body } = await send(hop, { 'Lab-Fault': 'end;eror=503' });
    expect([status, body]).toEqual([
      400,
      expect.objectContaining({
        type: '/problems/unreadable',
        saved: false,
        detail:
          'The header Lab-Fault cannot be read: "eror=503" is no fault; there are error, latency, hang, reset, crash, unready.',
      }),
    ]);
    expect(await hops.stored('fronts')).toEqual([]);
  });

  it('goes along the chain with the request, not with the relay, and the document completes', async () => {
    const lab = { LAB: '1', RETRY_ATTEMPTS: '1' };
    const { front } = await startChain(hops, { env: lab, frontEnv: { BREAKER_MIN_CALLS: '1000' } });
    const { status, headers, body } = await send(front, { 'Lab-Fault': 'end;error=503' }, 'a');
    expect([status, headers['fault-injected'], body.reason]).toEqual([
      202,
      undefined,
      'end: It answered 503: Lab-Fault asked for error=503 before the save.',
    ]);
    await expect
      .poll(async () => (await hops.stored('fronts'))[0]?.state, { timeout: 20_000 })
      .toBe('completed');
    expect(await hops.stored('ends')).toHaveLength(1);
    await expect
      .poll(async () => (await hops.stored('middles'))[0]?.ledger)
      .toMatchObject([{ t: 'charge' }, { t: 'capture' }]);
  });
});
