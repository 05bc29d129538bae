/** What Prometheus reads of a service that really runs, through the whole life of a breaker. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedMongo } from '@holdfast/embedded-mongo/server.ts';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { until } from '../../src/core/until.ts';
import { type Exposition, parseExposition } from '../../src/observability/exposition.ts';
import { defaultTimeLimits } from '../../src/store/database.ts';
import { postAsHop } from '../support/as-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { answer, completes, hangs, useNeighbour } from '../support/neighbour.ts';

const neighbour = useNeighbour();
const hops = useHops();

const breaker = 'front→middle';
const start = (env: Record<string, string> = {}) =>
  hops.start(frontKind, 'front', {
    CHAIN_SVC: neighbour.url,
    NEXT_NAME: 'middle',
    RETRY_ATTEMPTS: '1',
    BREAKER_MIN_CALLS: '3',
    BREAKER_OPEN_MS: '60000',
    ...env,
  });
const send = (hop: RunningHop, id?: string) => request(hop.url).post('/create').send(createDocument(id));
const scrape = async (hop: RunningHop) => parseExposition((await request(hop.url).get('/metrics')).text);
const fail = async (hop: RunningHop, times = 3) => {
  neighbour.behave(answer(500, { detail: 'broken' }));
  for (let sent = 0; sent < times; sent += 1) await send(hop);
};
const stateIn = ({ samples }: Exposition) =>
  samples.filter(({ name, value }) => name === 'breaker_state' && value === 1).map(({ labels }) => labels);
const requests = ({ value }: Exposition, labels: Record<string, string>) =>
  value('http_server_request_duration_seconds_count', labels);

describe('GET /metrics', () => {
  it('has the breaker in full before any call, and says in which format it is', async () => {
    const hop = await start();
    const response = await request(hop.url).get('/metrics');
    expect(response.headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    });
    const seen = parseExposition(response.text);
    expect(stateIn(seen)).toEqual([{ service: 'front', breaker, state: 'closed' }]);
    expect(seen.samples.filter(({ name }) => name === 'breaker_state')).toHaveLength(5);
    expect(seen.value('breaker_calls_total', { outcome: 'success' })).toBe(0);
    expect(seen.value('relay_pending')).toBe(0);
    expect(seen.value('relay_age_seconds')).toBe(0);
    expect(seen.value('service_ready')).toBe(1);
    expect(seen.value('retry_budget_left')).toBe(3);
  });

  it('follows a breaker from closed to open, half-open and closed', async () => {
    const hop = await start({ BREAKER_OPEN_MS: '300' });
    await send(hop);
    expect((await scrape(hop)).value('breaker_calls_total', { outcome: 'success' })).toBe(1);

    const open = await until('it is open and has rejected a call', async () => {
      await fail(hop, 1);
      const seen = await scrape(hop);
      const isOpen = stateIn(seen)[0]?.state === 'open';
      return isOpen && (seen.value('breaker_calls_total', { outcome: 'rejected' }) ?? 0) > 0 && seen;
    });
    expect(stateIn(open)).toEqual([{ service: 'front', breaker, state: 'open' }]);
    expect(open.value('breaker_calls_total', { outcome: 'failure' })).toBeGreaterThanOrEqual(2);
    expect(open.value('breaker_transitions_total', { to: 'open', reason: 'threshold' })).toBe(1);

    neighbour.behave(hangs);
    const halfOpen = await until('the probe of the relay is on its way', async () => {
      const seen = await scrape(hop);
      const isProbing = stateIn(seen)[0]?.state === 'half_open' && seen.value('breaker_inflight') === 1;
      return isProbing && (seen.value('relay_pending') ?? 0) > 0 && seen;
    });
    expect(halfOpen.value('breaker_state', { state: 'open' })).toBe(0);
    expect(halfOpen.value('breaker_state_seconds_total', { state: 'open' })).toBeGreaterThan(0.25);

    neighbour.behave(completes);
    await until('the breaker closes', async () => stateIn(await scrape(hop))[0]?.state === 'closed');
    // The figures of one scrape are not of one moment: what is pending is asked from the database after calls are counted.
    const closed = await until('nothing is pending, and no call is on its way', async () => {
      const seen = await scrape(hop);
      return seen.value('relay_pending') === 0 && seen.value('breaker_inflight') === 0 && seen;
    });
    expect(closed.value('breaker_transitions_total', { to: 'closed', reason: 'probe-ok' })).toBe(1);
    expect(closed.value('breaker_inflight')).toBe(0);
  });

  it('tells the calls of the relay, its own and that of a hop before, from those of customers', async () => {
    const hop = await start();
    neighbour.behave(answer(500, { detail: 'broken' }));
    await send(hop);
    neighbour.behave(completes);
    const after = await until('the relay has carried it on', async () => {
      const seen = await scrape(hop);
      return seen.value('relay_calls_total', { outcome: 'success' }) === 1 && seen;
    });
    expect(after.value('breaker_calls_total', { outcome: 'success' })).toBe(1);
    expect(neighbour.received.map(({ headers }) => headers['chain-relay'])).toEqual([undefined, '1']);

    const relayed = { headers: { 'Chain-Relay': '1' } };
    await postAsHop(hop.url, createDocument(), relayed).expect(200);
    await request(hop.url).post('/create').set(relayed.headers).send(createDocument()).expect(200);
    const seen = await scrape(hop);
    expect(seen.value('breaker_calls_total', { outcome: 'success' })).toBe(3);
    expect(seen.value('relay_calls_total', { outcome: 'success' })).toBe(2);
  });

  it('changes no breaker, however often it is read', async () => {
    const hop = await start();
    await fail(hop);
    const view = async () => {
      const { body } = await request(hop.url).get('/breakers');
      const [{ generation, state, since, counts, probeAt }] = body.breakers;
      return { generation, state, since, probeAt, sent: counts.success + counts.failure + counts.timeout };
    };
    const before = await view();
    for (let read = 0; read < 20; read += 1) await scrape(hop);
    expect(await view()).toEqual(before);
    expect(before.state).toBe('open');
  });

  it('counts a request under its route, and makes no series for what a stranger types', async () => {
    const hop = await start();
    await send(hop, 'known');
    await request(hop.url).get('/fronts/known');
    await request(hop.url).get('/fronts/unknown');
    for (let path = 0; path < 30; path += 1) await request(hop.url).get(`/wp-admin/${path}`);
    await request(hop.url).options('/fronts').set('Origin', 'http://elsewhere.test');
    const seen = await scrape(hop);
    expect(requests(seen, { method: 'POST', route: '/create', status: '200' })).toBe(1);
    expect(requests(seen, { method: 'GET', route: '/fronts/:id', status: '200' })).toBe(1);
    expect(requests(seen, { method: 'GET', route: '/fronts/:id', status: '404' })).toBe(1);
    expect(requests(seen, { method: 'OPTIONS', route: '/fronts', status: '204' })).toBe(1);
    expect(requests(seen, { route: 'unknown' })).toBe(30);
  });

  it('counts what is refused at the door, and who leaves before the answer', async () => {
    const hop = await start({ ADMISSION_MAX: '1' });
    neighbour.behave(hangs);
    const leaving = new AbortController();
    const left = fetch(`${hop.url}/create`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(createDocument()),
      signal: leaving.signal,
    }).catch(() => undefined);
    await until('the call is on its way', () => neighbour.received.length === 1);
    expect((await send(hop)).status).toBe(503);
    leaving.abort();
    await left;
    await until('both are counted', async () => {
      const seen = await scrape(hop);
      const refused = requests(seen, { route: '/create', status: '503' }) === 1;
      return refused && requests(seen, { route: '/create', status: '499' }) === 1;
    });
    await until('the work that nobody waits for is counted', async () => {
      return (await scrape(hop)).value('late_work_total') === 1;
    });
  });

  it('counts who leaves in the middle of a body', async () => {
    const hop = await start();
    const { hostname, port } = new URL(hop.url);
    const socket = connect(Number(port), hostname);
    const head = 'POST /create HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100';
    socket.write(`${head}\r\nExpect: 100-continue\r\n\r\n{"id":`);
    await once(socket, 'data'); // the request is being read
    socket.destroy();
    await until('it is counted', async () => {
      return requests(await scrape(hop), { route: '/create', status: '499' }) === 1;
    });
  });

  it('leaves out listeners, whose time is no work', async () => {
    const hop = await start();
    const listening = new AbortController();
    const stream = await fetch(`${hop.url}/events`, { signal: listening.signal });
    await stream.body?.getReader().read();
    listening.abort();
    await send(hop);
    await until(
      'the document is counted',
      async () => requests(await scrape(hop), { route: '/create' }) === 1,
    );
    expect(requests(await scrape(hop), { route: '/events' })).toBeUndefined();
  });

  it('answers while the database is away, without what only the database knows', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-'));
    const database = await startEmbeddedMongo({ host: '127.0.0.1', port: 0, dataDir });
    // Less patient than the tests usually are, so that neither a scrape nor the end waits long for what is gone.
    const hop = await hops.start(
      frontKind,
      'front',
      { CHAIN_SVC: neighbour.url, MONGO_URL: `${database.url.replace(/\/+$/, '')}/away` },
      { timeLimits: defaultTimeLimits },
    );
    expect((await scrape(hop)).value('relay_pending')).toBe(0);
    await database.stop();
    const seen = await until('the scrape has noticed', async () => {
      const { value } = await scrape(hop);
      return value('service_ready') === 0 && { value };
    });
    expect(seen.value('relay_pending')).toBeUndefined();
    expect(seen.value('relay_age_seconds')).toBeUndefined();
    expect(seen.value('breaker_state', { state: 'closed' })).toBe(1);
    await rm(dataDir, { recursive: true, force: true });
  });

  it('has neither breaker nor retry budget at the end of the chain', async () => {
    const hop = await start({ CHAIN_SVC: '', JUMPS: '1' });
    const seen = await scrape(hop);
    expect(seen.samples.filter(({ name }) => name.startsWith('breaker_'))).toEqual([]);
    expect(seen.value('retry_budget_left')).toBeUndefined();
  });
});
