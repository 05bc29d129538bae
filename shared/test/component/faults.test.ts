/** What each fault does to a request, before and after the save, and that no document is lost or sent twice by it. */
import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { until } from '../../src/core/until.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { completes, hangs, useNeighbour } from '../support/neighbour.ts';

const neighbour = useNeighbour();
const hops = useHops();
let hop: RunningHop;

beforeEach(async () => {
  hop = await start();
});

const start = (env: Record<string, string> = {}) =>
  hops.start(frontKind, 'front', {
    CHAIN_SVC: neighbour.url,
    NEXT_NAME: 'middle',
    RETRY_ATTEMPTS: '1',
    BREAKER_MIN_CALLS: '1000',
    LAB: '1',
    ...env,
  });
const put = (name: string, fault: object) => request(hop.url).put(`/faults/${name}`).send(fault).expect(201);
const heal = () => request(hop.url).delete('/faults').expect(200);
const list = async () => (await request(hop.url).get('/faults')).body.faults;
const isHeld = () => until('a fault has hit', async () => (await list())[0]?.hits === 1);
const send = (id: string, headers: Record<string, string> = {}) =>
  request(hop.url).post('/create').set(headers).send(createDocument(id));
/** What became of a request: its status, or how the connection ended. */
const endOf = (sent: ReturnType<typeof send>) =>
  sent.then(
    ({ status }) => status,
    (error: Error) => error.message,
  );
const stateOf = async (id: string) =>
  (await hops.stored('fronts')).find((document) => document._id === id)?.state ?? 'nothing';
const sentOn = (id: string) => neighbour.received.filter(({ body }) => body.id === `m-${id}`).length;
/** Without another request of the customer. */
const completesOnce = async (id: string) => {
  await expect.poll(() => stateOf(id), { timeout: 20_000 }).toBe('completed');
  expect(sentOn(id)).toBe(1);
};

describe('an error', () => {
  it('before the save answers its own status, and nothing is kept', async () => {
    await put('down', { type: 'error', status: 500 });
    const { status, headers, body } = await send('a').set('X-Request-Id', 'r-1');
    expect([status, headers['content-type'], headers['fault-injected']]).toEqual([
      500,
      'application/problem+json',
      'down',
    ]);
    expect(body).toEqual({
      type: '/problems/injected',
      title: 'A fault was injected',
      status: 500,
      detail: 'The fault "down" was asked for: 100% errors 500 before the save.',
      saved: false,
      service: 'front',
      requestId: 'r-1',
    });
    expect([await stateOf('a'), sentOn('a')]).toEqual(['nothing', 0]);
    await heal();
    expect((await send('a')).status).toBe(200);
  });

  it('after the save says that the document is kept, and the relay completes it', async () => {
    await put('late', { type: 'error', phase: 'after' });
    const { status, headers, body } = await send('b');
    expect([status, headers['fault-injected'], headers.location]).toEqual([503, 'late', '/fronts/b']);
    expect(body).toMatchObject({ id: 'b', type: '/problems/injected', status: 503, saved: true });
    await completesOnce('b');
  });

  it('names no time to come again, so that a breaker keeps its own', async () => {
    await put('down', { type: 'error', status: 503 });
    expect((await send('c')).headers['retry-after']).toBeUndefined();
  });

  it('hits a repeat after the save like any request, and the document stays as it is', async () => {
    await send('d').expect(200);
    await put('late', { type: 'error', phase: 'after' });
    expect((await send('d')).body).toMatchObject({ saved: true });
    await heal();
    expect((await send('d').expect(200)).headers['fault-injected']).toBeUndefined();
    expect(sentOn('d')).toBe(1);
  });
});

describe('a latency', () => {
  it.each(['before', 'after'])(
    'in real time: %s the save is waited for, and then all is as usual',
    async (phase) => {
      await put('slow', { type: 'latency', ms: 200, phase });
      const startedAt = performance.now();
      const { status, headers } = await send('a');
      expect([status, headers['fault-injected']]).toEqual([200, 'slow']);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(195);
      await completesOnce('a');
    },
  );

  it('in real time: never lasts longer than the caller gives: before the save nothing is begun', async () => {
    await put('slow', { type: 'latency', ms: 60_000 });
    const startedAt = performance.now();
    const { status, headers, body } = await send('b', { 'Request-Timeout-Ms': '1000' });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect([status, headers['fault-injected']]).toEqual([504, 'slow']);
    expect(body).toMatchObject({ type: '/problems/deadline-exceeded', saved: false });
    expect(await stateOf('b')).toBe('nothing');
  });

  it('never lasts longer than the time that the caller gives: after the save the relay takes over', async () => {
    await put('slow', { type: 'latency', ms: 60_000, phase: 'after' });
    const { status, body } = await send('c', { 'Request-Timeout-Ms': '1000' });
    expect([status, body.status]).toEqual([202, 'pending']);
    await completesOnce('c');
  });

  it('is met as a time-out by the hop before, not as an answer at the last moment', async () => {
    await put('slow', { type: 'latency', ms: 60_000 });
    const handsOnFronts = { ...frontKind, child: { ...frontKind.child, pointer: '/front' } };
    const front = await hops.start(handsOnFronts, 'front', {
      CHAIN_SVC: `${hop.url}/create`,
      ATTEMPT_TIMEOUT_MS: '200',
      RETRY_ATTEMPTS: '1',
      NEXT_NAME: 'front',
    });
    const whole = createDocument('d');
    const answer = await request(front.url)
      .post('/create')
      .send({ ...whole, middle: { ...whole.middle, items: [], middle: whole.middle } });
    expect(answer.body).toMatchObject({ status: 'pending', reason: 'front: No answer within 200 ms.' });
  });

  it('ends when the caller leaves, and the document is kept as without it', async () => {
    await put('slow', { type: 'latency', ms: 60_000 });
    const sent = send('e');
    const end = endOf(sent);
    await isHeld();
    sent.abort();
    await end;
    await completesOnce('e');
  });
});

describe('a hang', () => {
  it.each([
    ['before', 'nothing'],
    ['after', 'completed'],
  ])('%s the save never answers; when the fault ends, the connection does', async (phase, finally_) => {
    await put('stuck', { type: 'hang', phase });
    const end = endOf(send('a'));
    await isHeld();
    await heal();
    expect(await end).toBe('socket hang up');
    if (phase === 'after') await completesOnce('a');
    expect(await stateOf('a')).toBe(finally_);
  });

  it('after the save gives the document to the relay when the caller leaves', async () => {
    await put('stuck', { type: 'hang', phase: 'after' });
    const sent = send('b');
    const end = endOf(sent);
    await isHeld();
    sent.abort();
    await end;
    await completesOnce('b');
    expect(await list()).toMatchObject([{ name: 'stuck', hits: 1 }]);
  });

  it('in real time: holds its last request though its hits are made, until its time is over', async () => {
    const startedAt = performance.now();
    await put('once', { type: 'hang', times: 1, ttlMs: 1500 });
    expect(await endOf(send('c'))).toBe('socket hang up');
    expect(performance.now() - startedAt).toBeGreaterThan(1400);
    await send('c').expect(200);
  });

  it('holds many at once without a complaint, and does not keep the service from leaving', async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error) => warnings.push(warning);
    process.on('warning', hear);
    await put('stuck', { type: 'hang' });
    const ends = Array.from({ length: 30 }, (_, n) => endOf(send(`d${n}`)));
    await until('all are held', async () => (await list())[0]?.hits === 30);
    await hop.stop();
    expect(new Set(await Promise.all(ends))).toEqual(new Set(['socket hang up']));
    process.off('warning', hear);
    expect(warnings).toEqual([]);
  });
});

describe('a reset', () => {
  it.each([
    ['before', 'nothing'],
    ['after', 'completed'],
  ])('%s the save cuts the connection', async (phase, finally_) => {
    await put('cut', { type: 'reset', phase });
    expect(await endOf(send('a'))).toBe('read ECONNRESET');
    if (phase === 'after') await completesOnce('a');
    expect(await stateOf('a')).toBe(finally_);
    await heal();
    await send('a').expect(200);
    expect(sentOn('a')).toBe(1);
  });
});

describe('a crash', () => {
  it.each([
    ['before', 'nothing'],
    ['after', 'completed'],
  ])('%s the save ends the process', async (phase, finally_) => {
    await put('die', { type: 'crash', phase });
    expect(await endOf(send('a'))).toBe('read ECONNRESET');
    expect(hops.crashed).toEqual(['die']);
    if (phase === 'after') await completesOnce('a');
    expect(await stateOf('a')).toBe(finally_);
    expect(hops.logged.find(({ event }) => event === 'fault-crash')).toMatchObject({
      level: 'warn',
      msg: '⚡ fault crash: die ends this process now',
    });
  });
});

describe('a service that is made unready', () => {
  it('says so at /readyz with the reason, is alive, and takes every request', async () => {
    await put('drain', { type: 'unready' });
    const ready = await request(hop.url).get('/readyz');
    expect([ready.status, ready.headers['fault-injected'], ready.body]).toEqual([
      503,
      'drain',
      {
        status: 'unready',
        phase: 'serving',
        database: 'ok',
        fault: expect.stringMatching(/^The fault "drain" was asked for: unready\. It is over in \d+ s\.$/),
      },
    ]);
    expect((await request(hop.url).get('/livez')).status).toBe(200);
    const sent = await send('a');
    expect([sent.status, sent.headers['fault-injected']]).toEqual([200, undefined]);
    expect(await list()).toMatchObject([{ name: 'drain', seen: 1, hits: 1 }]);
    await heal();
    expect((await request(hop.url).get('/readyz')).body).toEqual({
      status: 'ready',
      phase: 'serving',
      database: 'ok',
    });
  });
});

describe('whom a fault hits', () => {
  it('is the documents that it means, by the id of a create and of a read', async () => {
    await send('vip-1').expect(200);
    await put('some', { type: 'error', match: 'vip-*' });
    const statusOf = async (path: string) => (await request(hop.url).get(path)).status;
    expect([
      (await send('vip-2')).status,
      (await send('other')).status,
      await statusOf('/fronts/vip-1'),
      await statusOf('/fronts/other'),
      await statusOf('/fronts'),
    ]).toEqual([503, 200, 503, 200, 200]);
    expect(await list()).toMatchObject([{ seen: 2, hits: 2 }]);
  });

  it('is reads before the save only, and content that is no document too', async () => {
    await put('late', { type: 'error', phase: 'after' });
    expect((await request(hop.url).get('/fronts')).status).toBe(200);
    await put('early', { type: 'error', status: 500 });
    expect((await request(hop.url).get('/fronts')).body).toMatchObject({ status: 500, saved: false });
    expect((await request(hop.url).post('/create').send({})).status).toBe(500);
  });

  it('is nobody who asks for anything else', async () => {
    await put('down', { type: 'error' });
    const paths = ['/', '/livez', '/readyz', '/version', '/problems/injected', '/breakers', '/faults'];
    const more = ['/openapi.json', '/docs/', '/metrics'];
    for (const path of [...paths, ...more]) {
      const { status, headers } = await request(hop.url).get(path);
      expect([path, status, headers['fault-injected']]).toEqual([path, 200, undefined]);
    }
    expect(await list()).toMatchObject([{ seen: 0, hits: 0 }]);
  });

  it('is whom several faults hit, one after the other, and the answer names them', async () => {
    await put('slow', { type: 'latency', ms: 1 });
    await put('down', { type: 'error', status: 500 });
    const { status, headers } = await send('a');
    expect([status, headers['fault-injected']]).toEqual([500, 'slow, down']);
  });

  it('is found out by looking at the numbers', async () => {
    await put('flaky', { type: 'error', rate: 0.5, seed: 1 });
    for (let n = 0; n < 20; n += 1) await send(`n${n}`);
    const kept = (await hops.stored('fronts')).length;
    expect(await list()).toMatchObject([{ seen: 20, hits: 20 - kept }]);
    expect(kept).toBeGreaterThan(3);
    expect(kept).toBeLessThan(17);
  });
});

describe('a fault while the next hop is away', () => {
  it('leaves the document to the relay, which sends it once when it can', async () => {
    neighbour.behave(hangs);
    await put('late', { type: 'reset', phase: 'after' });
    await endOf(send('a'));
    await until('the relay tries', () => sentOn('a') > 0);
    neighbour.behave(completes);
    await expect.poll(() => stateOf('a'), { timeout: 20_000 }).toBe('completed');
    expect((await hops.stored('fronts')).filter(({ _id }) => _id === 'a')).toMatchObject([{ dups: 0 }]);
  });
});
