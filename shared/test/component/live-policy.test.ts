/** All settings of the way to the next hop: what a service says of them, and what changes while it runs. */
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { until } from '../../src/core/until.ts';
import { policyDefaults } from '../../src/resilience/model/policy.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { listen } from '../support/listen.ts';
import { answer, completes, hangs, type Neighbour, startNeighbour } from '../support/neighbour.ts';

const hops = useHops();
let neighbours: [Neighbour, Neighbour];

beforeEach(async () => {
  neighbours = [await startNeighbour(), await startNeighbour()];
});
afterEach(async () => {
  await Promise.all(neighbours.map((neighbour) => neighbour.stop()));
});

const start = (env: Record<string, string> = {}) =>
  hops.start(frontKind, 'front', { CHAIN_SVC: neighbours[0].url, NEXT_NAME: 'middle', LAB: '1', ...env });
const send = (hop: RunningHop, id?: string) => request(hop.url).post('/create').send(createDocument(id));
const read = async (hop: RunningHop) => (await request(hop.url).get('/policy')).body;
const patch = (hop: RunningHop, policy: unknown, headers: Record<string, string> = {}) =>
  request(hop.url)
    .patch('/policy')
    .set(headers)
    .send({ policy } as object);
const received = (id: string) => neighbours[0].received.filter(({ body }) => body.id === `m-${id}`).length;

describe('GET /policy', () => {
  it('says all settings of the way to the next hop; by default those of the model', async () => {
    expect(await read(await start({ LAB: '0' }))).toEqual({
      service: 'front',
      instance: expect.any(String),
      at: expect.any(Number),
      hop: 'front→middle',
      policy: policyDefaults,
      exceptions: [],
      fixed: [{ pointer: '/policy/deadlineMs', why: expect.stringContaining('REQUEST_TIMEOUT_MS') }],
    });
  });

  it('answers 404 at the end of the chain, in a sentence', async () => {
    const end = await hops.start(frontKind, 'front', { LAB: '1' });
    const response = await request(end.url).get('/policy');
    expect([response.status, response.body.detail]).toEqual([
      404,
      'This service is the end of its chain: there is no next hop, and so no policy.',
    ]);
  });

  it('follows the breaker of the hop, and names that of an instance that differs', async () => {
    const one = await start();
    const change = { settings: { openMs: 70 } };
    await request(one.url)
      .patch(`/breakers/${encodeURIComponent('front→middle')}`)
      .send(change);
    expect(await read(one)).toMatchObject({ policy: { breaker: { openMs: 70 } }, exceptions: [] });

    const two = await start({ CHAIN_SVC: neighbours.map(({ url }) => url).join(',') });
    const breaker = `front→middle@${new URL(neighbours[1].url).host}`;
    await request(two.url)
      .patch(`/breakers/${encodeURIComponent(breaker)}`)
      .send(change);
    expect(await read(two)).toMatchObject({
      policy: { breaker: { openMs: 10_000 } },
      exceptions: [{ breaker, settings: { openMs: 70 } }],
    });
  });
});

describe('PATCH /policy', () => {
  it('takes the very policy that it shows, and changes nothing by it', async () => {
    const hop = await start();
    const { policy } = await read(hop);
    const { status, body } = await patch(hop, policy);
    expect([status, body.changed, body.policy]).toEqual([200, [], policy]);
  });

  it('changes every part at once, and says so in words and in an event', async () => {
    const hop = await start();
    const stream = await listen(hop.url);
    const { body } = await patch(hop, {
      attempts: 3,
      budget: { ratio: 0.5 },
      bulkhead: { maxActive: 20 },
      breaker: { openMs: 2000 },
    });
    expect(body).toMatchObject({
      hop: 'front→middle',
      policy: {
        attempts: 3,
        budget: { ratio: 0.5, minPerSecond: 3 },
        bulkhead: { maxActive: 20, waitMs: 500 },
      },
      changed: [
        { setting: 'bulkhead.maxActive', from: 512, to: 20 },
        { setting: 'attempts', from: 2, to: 3 },
        { setting: 'budget.ratio', from: 0.2, to: 0.5 },
        { setting: 'breaker.openMs', from: 10_000, to: 2000 },
      ],
    });
    const { data } = await stream.waitFor('policy');
    stream.close();
    const line = '🔌 front→middle: bulkhead.maxActive 512 → 20 · attempts 2 → 3 · budget.ratio 0.2 → 0.5';
    expect(data).toMatchObject({ name: 'front→middle', line });
    expect(hops.logged).toContainEqual(expect.objectContaining({ event: 'policy', msg: line }));
    expect(hops.logged).toContainEqual(expect.objectContaining({ event: 'configured' }));
  });

  it('gives later calls other attempts', async () => {
    const hop = await start({ RETRY_ATTEMPTS: '1', BREAKER_MIN_CALLS: '1000' });
    neighbours[0].behave(answer(500, {}));
    await patch(hop, { attempts: 3, budget: { ratio: 9 } });
    await send(hop, 'thrice');
    expect(received('thrice')).toBeGreaterThanOrEqual(3);
  });

  it('leaves a call under way the time that it began with, and gives later ones the new one', async () => {
    const hop = await start({
      RETRY_ATTEMPTS: '1',
      ATTEMPT_TIMEOUT_MS: '60000',
      REQUEST_TIMEOUT_MS: '60000',
    });
    let finish = () => undefined as unknown;
    neighbours[0].behave((...call) => {
      finish = () => completes(...call);
    });
    const early = send(hop, 'early').then(({ status }) => status);
    await until('it is under way', () => received('early') === 1);
    const { body } = await patch(hop, { attemptTimeoutMs: 50 });
    expect(body.policy).toMatchObject({ attemptTimeoutMs: 50, breaker: { probeTimeoutMs: 1050 } });
    const finishEarly = finish;
    neighbours[0].behave(hangs);
    expect((await send(hop, 'late')).status).toBe(202);
    finishEarly();
    expect(await early).toBe(200);
    const [breaker] = (await request(hop.url).get('/breakers')).body.breakers;
    expect(breaker.config).toMatchObject({ attemptTimeoutMs: 50, probeTimeoutMs: 1050 });
  });

  it('reaches the breakers of all instances, and of those that come later', async () => {
    let addresses = ['127.0.0.1'];
    const port = new URL(neighbours[0].url).port;
    const hop = await hops.start(
      frontKind,
      'front',
      { CHAIN_SVC: `dns+http://middle.test:${port}/create`, LAB: '1' },
      { resolve: async () => ({ addresses, ttlSeconds: 0 }) },
    );
    const openMs = async () => {
      const { breakers } = (await request(hop.url).get('/breakers')).body;
      return breakers.map(({ config }: { config: { openMs: number } }) => config.openMs);
    };
    await until('one is known', async () => (await openMs()).length === 1);
    await patch(hop, { breaker: { openMs: 2500 } });
    expect(await openMs()).toEqual([2500]);
    const line = expect.stringContaining(': breaker.openMs 10000 → 2500');
    expect(hops.logged).toContainEqual(expect.objectContaining({ event: 'policy', msg: line }));
    addresses = ['127.0.0.1', '127.0.0.2'];
    await until('both are known', async () => (await openMs()).length === 2);
    expect(await openMs()).toEqual([2500, 2500]);
  });

  it('names all that is wrong with a pointer, and changes nothing', async () => {
    const hop = await start();
    const before = (await read(hop)).policy;
    const { status, body } = await patch(hop, {
      deadlineMs: 9000,
      attempts: 11,
      budget: { ratio: -1, speed: 1 },
      bulkhead: { maxActive: 100, waitMs: 'long' },
      breaker: null,
      pace: 1,
    });
    expect(status).toBe(422);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/policy/deadlineMs',
      '/policy/attempts',
      '/policy/budget/ratio',
      '/policy/budget/speed',
      '/policy/bulkhead/waitMs',
      '/policy/breaker',
      '/policy/pace',
    ]);
    expect(body.detail).toMatch(/^Invalid policy: deadlineMs cannot be changed while the service runs/);
    expect((await read(hop)).policy).toEqual(before);
  });

  it.each([
    ['nothing', {}, '/policy'],
    ['a list', [], ''],
    ['settings that are none', { policy: 5 }, '/policy'],
    ['no setting', { policy: {} }, '/policy'],
    ['another member', { policy: { attempts: 1 }, force: true }, '/force'],
    ['no bound', { policy: { bulkhead: null } }, '/policy/bulkhead'],
    ['no budget', { policy: { budget: null } }, '/policy/budget'],
    ['no deadline', { policy: { deadlineMs: null } }, '/policy/deadlineMs'],
    ['half an attempt', { policy: { attempts: 1.5 } }, '/policy/attempts'],
  ])('refuses %s', async (_what, change, pointer) => {
    const hop = await start();
    const response = await request(hop.url).patch('/policy').send(change);
    expect([response.status, response.body.errors[0].pointer]).toEqual([422, pointer]);
  });

  it('has the door of the controls in front of it', async () => {
    const closed = await start({ LAB: '0' });
    expect((await patch(closed, { attempts: 1 })).status).toBe(404);
    const hop = await start({ LAB_TOKEN: 'a-long-token' });
    expect((await patch(hop, { attempts: 1 })).status).toBe(401);
    const bearer = { Authorization: 'Bearer a-long-token' };
    expect((await patch(hop, { attempts: 1 }, { ...bearer, Origin: 'http://evil.example' })).status).toBe(
      403,
    );
    expect((await read(hop)).policy.attempts).toBe(2);
    expect((await patch(hop, { attempts: 1 }, bearer)).status).toBe(200);
  });
});
