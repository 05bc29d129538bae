/** What people and machines see of a breaker, live and looking back, and what they may change. */
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { until } from '../../src/core/until.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { type EventStream, listen } from '../support/listen.ts';
import { answer, completes, useNeighbour } from '../support/neighbour.ts';

const neighbour = useNeighbour();
const hops = useHops();
const streams: EventStream[] = [];

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
});

const name = 'front→middle';
const path = `/breakers/${encodeURIComponent(name)}`;
const start = (env: Record<string, string> = {}) =>
  hops.start(frontKind, 'front', {
    CHAIN_SVC: neighbour.url,
    NEXT_NAME: 'middle',
    RETRY_ATTEMPTS: '1',
    BREAKER_MIN_CALLS: '3',
    BREAKER_OPEN_MS: '60000',
    LAB: '1',
    ...env,
  });
const openStream = async (hop: RunningHop, lastEventId?: string) => {
  const stream = await listen(hop.url, lastEventId);
  streams.push(stream);
  return stream;
};
const send = (hop: RunningHop, id?: string) => request(hop.url).post('/create').send(createDocument(id));
const fail = async (hop: RunningHop, times = 3) => {
  neighbour.behave(answer(500, { detail: 'broken', type: 'about:blank' }));
  for (let sent = 0; sent < times; sent += 1) await send(hop);
};
const patch = (hop: RunningHop, change: object, headers: Record<string, string> = {}) =>
  request(hop.url).patch(path).set(headers).send(change);

describe('GET /breakers', () => {
  it('shows a closed breaker in numbers, and the rule by which it opens', async () => {
    const hop = await start();
    await send(hop);
    const { body } = await request(hop.url).get('/breakers');
    expect(body).toEqual({
      service: 'front',
      instance: expect.any(String),
      at: expect.any(Number),
      breakers: [
        expect.objectContaining({
          name,
          state: 'closed',
          opened: 0,
          probeAt: null,
          probeInMs: null,
          shadow: null,
          counts: { success: 1, failure: 0, timeout: 0, rejected: 0, ignored: 0, saturated: 0 },
          window: expect.objectContaining({ calls: 1, failures: 0, ratio: 0 }),
          config: expect.objectContaining({ thresholdRatio: 0.5, minCalls: 3, attemptTimeoutMs: 1500 }),
          why: '0 of 1 calls failed in the last 10 s (0%); it opens above 50%, from 3 calls on.',
          cause: '0 of 1 calls failed in the last 10 s (0%); it opens above 50%, from 3 calls on.',
        }),
      ],
    });
    expect(body.breakers[0].window.buckets).toHaveLength(10);
  });

  it('says why an open one opened and when it will probe', async () => {
    const hop = await start();
    await fail(hop);
    const { body } = await request(hop.url).get(path);
    expect(body).toMatchObject({ state: 'open', opened: 1, openedBecause: { calls: 3, failures: 3 } });
    expect(body.probeInMs).toBeGreaterThan(0);
    expect(body.why).toMatch(
      /^Opened .+ ago after 3 of 3 calls failed \(100% > 50%\)\. Last error: .+\. Next probe in .+ s\.$/,
    );
    expect(body.why.startsWith(`${body.cause} Next probe in `)).toBe(true);
  });

  it('never changes a breaker by being looked at: the probe is still to come', async () => {
    const hop = await start({ BREAKER_OPEN_MS: '50', BREAKER_MIN_CALLS: '1' });
    const stream = await openStream(hop);
    neighbour.behave((_request, response) => response.destroy());
    await patch(hop, { force: 'open', ttlMs: 1 });
    const asked = neighbour.received.length;
    for (const address of ['/breakers', path, `${path}/events`, '/readyz?verbose']) {
      await request(hop.url).get(address);
    }
    await stream.waitFor('tick');
    const { body } = await request(hop.url).get(path);
    await request(hop.url).get(path);
    expect((await request(hop.url).get(path)).body.generation).toBe(body.generation);
    expect(neighbour.received).toHaveLength(asked);
  });

  it('answers 404 for a breaker that is not there, and names those that are', async () => {
    const hop = await start();
    const response = await request(hop.url).get('/breakers/nobody');
    expect(response.status).toBe(404);
    expect(response.body.detail).toBe(`This service has no breaker "nobody"; it has ${name}.`);
  });
});

describe('PATCH /breakers/:name', () => {
  it('holds it open until released, and customers are answered at once', async () => {
    const hop = await start();
    const held = await patch(hop, { force: 'open', ttlMs: 60_000 });
    expect(held.body).toMatchObject({
      state: 'forced_open',
      why: expect.stringMatching(/^Held open by hand: no call passes, for .+ s at most\.$/),
    });
    expect((await send(hop)).body).toMatchObject({
      status: 'pending',
      reason: expect.stringContaining('held open by hand'),
    });
    expect((await patch(hop, { force: null })).body.state).toBe('closed');
    expect((await send(hop)).status).toBe(200);
  });

  it('lets a forced state end by itself', async () => {
    const hop = await start();
    const stream = await openStream(hop);
    await patch(hop, { force: 'open', ttlMs: 50 });
    const { data } = await stream.waitFor('transition', ({ reason }) => reason === 'expired');
    expect(data).toMatchObject({ from: 'forced_open', to: 'closed' });
  });

  it('disables it: calls pass though all fail', async () => {
    const hop = await start();
    await patch(hop, { force: 'disabled' });
    await fail(hop, 4);
    const { body } = await request(hop.url).get(path);
    expect(body).toMatchObject({ state: 'disabled', counts: { rejected: 0 } });
    // The relay may have tried one of them again by now.
    expect(body.counts.failure).toBeGreaterThanOrEqual(4);
  });

  it('changes settings, says what changed, and forgets the window', async () => {
    const hop = await start();
    await send(hop);
    const { body } = await patch(hop, { settings: { minCalls: 10, openMs: 2000 } });
    expect(body).toMatchObject({
      changed: [
        { setting: 'minCalls', from: 3, to: 10 },
        { setting: 'openMs', from: 60_000, to: 2000 },
      ],
      window: { calls: 0 },
      config: { minCalls: 10, openMs: 2000 },
    });
  });

  it('tries settings in the shadow: they are judged by real calls and decide nothing', async () => {
    const hop = await start({ BREAKER_MIN_CALLS: '1000' });
    await patch(hop, { shadow: { minCalls: 2, thresholdRatio: 0.1 } });
    await fail(hop, 4);
    const { body } = await request(hop.url).get(path);
    expect(body).toMatchObject({
      state: 'closed',
      shadow: {
        state: 'open',
        opened: 1,
        config: { minCalls: 2, thresholdRatio: 0.1 },
      },
    });
    // All but the two that it needs to open; the relay may have added to the four by now.
    expect(body.shadow.calls).toBeGreaterThanOrEqual(4);
    expect(body.shadow.wouldReject).toBe(body.shadow.calls - 2);
    expect((await patch(hop, { shadow: null })).body.shadow).toBeNull();
  });

  it('says all that is wrong with a change at once', async () => {
    const hop = await start();
    const change = {
      force: 'ajar',
      settings: { minCalls: null, thresholdRatio: 2 },
      shadow: { openMs: 1, speed: 1 },
    };
    const { status, body } = await patch(hop, change);
    const pointers = body.errors.map((error: { pointer: string }) => error.pointer);
    expect([status, pointers]).toEqual([
      422,
      ['/force', '/settings/minCalls', '/settings/thresholdRatio', '/shadow/openMs', '/shadow/speed'],
    ]);
  });

  it.each([
    ['no member', {}, ''],
    ['a list', [], ''],
    ['a member that nobody knows', { state: 'open' }, '/state'],
    ['a force that is not one', { force: 'ajar' }, '/force'],
    ['a time that is none', { force: 'open', ttlMs: 0 }, '/ttlMs'],
    ['a time for nothing', { ttlMs: 10 }, '/ttlMs'],
    ['a setting that nobody knows', { settings: { speed: 1 } }, '/settings/speed'],
    ['a setting out of its range', { settings: { minCalls: 0 } }, '/settings/minCalls'],
    ['a setting without a value', { settings: { minCalls: null } }, '/settings/minCalls'],
    ['settings that are none', { settings: 5 }, '/settings'],
    ['a shadow out of its range', { shadow: { thresholdRatio: 2 } }, '/shadow/thresholdRatio'],
  ])('refuses %s, with a pointer, and changes nothing', async (_what, change, pointer) => {
    const hop = await start();
    const before = (await request(hop.url).get(path)).body;
    const legal = pointer.startsWith('/s') ? { force: 'open' } : {};
    const response = await patch(hop, Array.isArray(change) ? change : { ...change, ...legal });
    expect(response.status).toBe(422);
    expect(response.body.errors[0].pointer).toBe(pointer);
    expect(response.body.detail).not.toMatch(/ at ""|Invalid input|Invalid option|Too small|Unrecognized/);
    const after = (await request(hop.url).get(path)).body;
    expect(after).toMatchObject({ state: 'closed', generation: before.generation, config: before.config });
  });
});

describe('the door in front of the controls', () => {
  it('is a wall without LAB=1', async () => {
    const hop = await start({ LAB: '0' });
    const response = await patch(hop, { force: 'open' });
    expect(response.status).toBe(404);
    expect((await request(hop.url).get(path)).body.state).toBe('closed');
  });

  it.each([
    ['a page of another origin', { Origin: 'http://evil.example' }, 403],
    ['a name that was pointed here', { Host: 'evil.example' }, 403],
    ['a form', { 'Content-Type': 'text/plain' }, 415],
  ])('turns %s away', async (_who, headers, status) => {
    const hop = await start();
    const response = await request(hop.url).patch(path).set(headers).send('{"force":"open"}');
    expect(response.status).toBe(status);
    expect(response.body.detail).toEqual(expect.any(String));
    expect((await request(hop.url).get(path)).body.state).toBe('closed');
  });

  it('lets localhost, the name of the service and listed names in', async () => {
    const hop = await start({ LAB_HOSTS: 'lab.example,other' });
    for (const Host of ['localhost:3000', 'front:3000', '[::1]:3000', 'LAB.example']) {
      expect((await patch(hop, { force: null }, { Host })).status).toBe(200);
    }
  });

  it('asks for the token when there is one', async () => {
    const hop = await start({ LAB_TOKEN: 'a-long-token' });
    const refused = await patch(hop, { force: 'open' });
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe('Bearer');
    expect((await patch(hop, { force: 'open' }, { Authorization: 'Bearer a-long-tokem' })).status).toBe(401);
    expect((await patch(hop, { force: 'open' }, { Authorization: 'Bearer a-long-token' })).status).toBe(200);
  });

  it('tells a browser of another origin nothing that would let it through', async () => {
    const hop = await start();
    const preflight = await request(hop.url)
      .options(path)
      .set({ Origin: 'http://evil.example', 'Access-Control-Request-Method': 'PATCH' });
    expect(Object.keys(preflight.headers).filter((name) => /^access-control-/.test(name))).toEqual([]);
  });
});

describe('GET /events', () => {
  it('begins with how everything is, and goes on with what happens, in the words of the log', async () => {
    const hop = await start();
    const stream = await openStream(hop);
    const snapshot = await stream.waitFor('snapshot');
    expect(snapshot).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{8}-0$/),
      data: {
        service: 'front',
        phase: 'serving',
        gap: false,
        history: [],
        breakers: [{ name, state: 'closed' }],
      },
    });
    await fail(hop);
    const { id, data } = await stream.waitFor('transition');
    const logged = hops.logged.find((line) => line.event === 'transition');
    expect(id).toMatch(/-1$/);
    expect(data).toMatchObject({ service: 'front', name, from: 'closed', to: 'open', line: logged?.msg });
    expect(data.line).toContain('3/3 failed (100% > 50%)');
    await stream.waitFor('heartbeat');
    const tick = await stream.waitFor(
      'tick',
      ({ relay, breakers }) => relay?.pending === 3 && breakers[0].state === 'open',
    );
    expect(tick.data).toMatchObject({ database: 'ok', ready: true, skipped: 0 });
  });

  it('tells what becomes of every document, under the name of its kind and without its content', async () => {
    const hop = await start();
    const stream = await openStream(hop);
    await send(hop, 'watched');
    const forwarded = await stream.waitFor('front', ({ step }) => step === 'handed-on');
    expect(forwarded.data).toEqual({
      service: 'front',
      instance: expect.any(String),
      at: expect.any(Number),
      id: 'watched',
      parent: null,
      step: 'handed-on',
      by: 'request',
      status: 'completed',
      httpStatus: null,
      ms: expect.any(Number),
      next: { name: 'middle', outcome: 'done' },
      reason: null,
      retryAt: null,
      hops: [
        expect.objectContaining({ service: 'front' }),
        expect.objectContaining({ service: 'neighbour' }),
      ],
      attempts: [
        {
          at: expect.any(Number),
          ms: expect.any(Number),
          url: neighbour.url,
          outcome: 'done',
        },
      ],
    });
    const answered = await stream.waitFor('front', ({ step }) => step === 'answered');
    expect(answered.data).toMatchObject({ id: 'watched', httpStatus: 200, status: 'completed' });
  });

  it('tells how every document of a burst ended, the later ones a moment later', async () => {
    const hop = await start();
    const stream = await openStream(hop);
    const ids = Array.from({ length: 40 }, (_, number) => `burst-${number}`);
    await Promise.all(ids.map((id) => send(hop, id)));
    const ended = () =>
      stream.received.filter(({ event, data }) => event === 'front' && data.step === 'answered');
    await until('every end is told', () => ended().length === ids.length);
    expect(ended().map(({ data }) => data.id)).toEqual(expect.arrayContaining(ids));
  });

  it('says how a document goes on that was left pending, and that the relay did it', async () => {
    const hop = await start({ BREAKER_MIN_CALLS: '1000' });
    const stream = await openStream(hop);
    neighbour.behave(answer(500, {}));
    await send(hop, 'later');
    const failed = await stream.waitFor('front', ({ step }) => step === 'handed-on');
    expect(failed.data).toMatchObject({
      status: 'pending',
      next: { outcome: 'neighbour-failed' },
      retryAt: expect.any(Number),
    });
    neighbour.behave(completes);
    const done = await stream.waitFor('front', ({ by, status }) => by === 'relay' && status === 'completed');
    expect(done.data).toMatchObject({ id: 'later', next: { outcome: 'done' } });
  });

  it('shows a refusal as what it means here', async () => {
    const hop = await start();
    const stream = await openStream(hop);
    const errors = [{ pointer: '/amount', detail: 'Too much.' }];
    neighbour.behave(answer(422, { type: '/problems/refused', detail: 'Too much.', final: true, errors }));
    await send(hop, 'refused');
    expect((await stream.waitFor('front', ({ step }) => step === 'handed-on')).data).toMatchObject({
      status: 'cancelled',
      next: { outcome: 'refused' },
    });
    expect((await stream.waitFor('front', ({ step }) => step === 'answered')).data).toMatchObject({
      status: 'cancelled',
      httpStatus: 422,
      reason: expect.stringContaining('Too much.'),
    });
  });

  it('shows a stored refusal as what it means here, also when the next hop has another name by now', async () => {
    neighbour.behave(answer(422, { type: '/problems/refused', detail: 'Too much.', final: true }));
    const before = await start();
    await send(before, 'renamed');
    const hop = await start({ NEXT_NAME: 'till' });
    const stream = await openStream(hop);
    await send(hop, 'renamed');
    const repeated = await stream.waitFor('front', ({ step }) => step === 'answered');
    expect(repeated.data).toMatchObject({ id: 'renamed', status: 'cancelled', httpStatus: 422 });
  });

  it('says which HTTP status the next hop answered when that is why a document waits', async () => {
    const hop = await start();
    const stream = await openStream(hop);
    neighbour.behave(answer(503, { type: 'about:blank', detail: 'Broken.' }));
    await send(hop, 'answered-503');
    const failed = await stream.waitFor('front', ({ step }) => step === 'handed-on');
    expect(failed.data.next).toEqual({ name: 'middle', outcome: 'neighbour-failed', httpStatus: 503 });
  });

  it('replays what a listener missed, each event once and in sequence', async () => {
    const hop = await start();
    const first = await openStream(hop);
    await patch(hop, { force: 'open' });
    const { id } = await first.waitFor('transition');
    first.close();
    await patch(hop, { force: null });
    await patch(hop, { settings: { minCalls: 4 } });
    const second = await openStream(hop, id);
    await second.waitFor('configured');
    const replayed = second.received.filter(
      (one) => one.event === 'transition' || one.event === 'configured',
    );
    expect(replayed.map((one) => [one.event, one.data.reason ?? one.data.changed[0].to])).toEqual([
      ['transition', 'released'],
      ['configured', 4],
    ]);
    expect(second.received[0]?.data.gap).toBe(false);
  });

  it('says that something is lost when the listener comes from another life of the service', async () => {
    const hop = await start();
    await patch(hop, { force: 'open' });
    const stream = await openStream(hop, '0badcafe-7');
    expect((await stream.waitFor('snapshot')).data).toMatchObject({
      gap: true,
      history: [{ event: 'transition' }],
    });
    expect((await stream.waitFor('transition')).id).toMatch(/-1$/);
  });

  it('ends with the service, which does not wait for its listeners', async () => {
    const hop = await start();
    const stream = await openStream(hop);
    await stream.waitFor('snapshot');
    await hop.stop();
    await stream.ended;
  });

  it('has a place for 32 listeners, and takes the next when one has left', async () => {
    const hop = await start();
    const all = await Promise.all(Array.from({ length: 32 }, () => openStream(hop)));
    expect((await request(hop.url).get('/events')).status).toBe(503);
    all[0]?.close();
    const status = await until('a place is free', async () => {
      const stream = await openStream(hop);
      return (await Promise.race([stream.waitFor('snapshot'), stream.ended])) !== undefined;
    }).catch(() => false);
    expect(status).toBe(true);
  });
});

describe('GET /breakers/:name/events', () => {
  it('looks back on one breaker', async () => {
    const hop = await start();
    await fail(hop);
    const { body } = await request(hop.url).get(`${path}/events`);
    expect(body).toMatchObject({
      service: 'front',
      name,
      events: [{ event: 'transition', to: 'open', id: expect.any(String) }],
    });
  });
});
