/** Too much work, a database that is away, and leaving: whoever is turned away knows whether anything was kept. */
import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedMongo } from '@holdfast/embedded-mongo/server.ts';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { defaultTimeLimits } from '../../src/store/database.ts';
import { postAsHop } from '../support/as-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { completes, hangs, useNeighbour } from '../support/neighbour.ts';

const neighbour = useNeighbour();
const hops = useHops();

describe('admission', () => {
  it('turns away what has no room at once, before reading it, and lets probes and the chain through', async () => {
    const hop = await hops.start(frontKind, 'front', {
      CHAIN_SVC: neighbour.url,
      ADMISSION_MAX: '1',
      CORS_ORIGINS: 'http://page.test',
      ATTEMPT_TIMEOUT_MS: '2000',
      RETRY_ATTEMPTS: '1',
    });
    neighbour.behave(hangs);
    const first = request(hop.url)
      .post('/create')
      .send(createDocument())
      .then((response) => response);
    await expect.poll(() => neighbour.received.length).toBe(1);
    const second = await request(hop.url)
      .post('/create')
      .set('Content-Type', 'application/json')
      .set('Origin', 'http://page.test')
      .send('{"id":');
    expect({ status: second.status, ...second.body }).toMatchObject({
      status: 503,
      type: '/problems/overloaded',
      saved: false,
      detail: 'All 1 places for requests are taken.',
    });
    expect(second.headers['retry-after']).toMatch(/^[1-3]$/); // not all at the same moment
    expect(second.headers['access-control-allow-origin']).toBe('http://page.test');
    expect((await request(hop.url).get('/livez')).status).toBe(200);
    neighbour.behave(completes);
    const inner = await postAsHop(hop.url, createDocument());
    expect(inner.status).toBe(200);
    expect((await first).status).toBe(202);
    expect((await request(hop.url).post('/create').send(createDocument())).status).toBe(200);
  });
});

describe('a database that goes away', () => {
  const usual = { timeLimits: defaultTimeLimits };
  it('in real time: is answered 503 with "saved: null" long before the driver would, and works when it is back', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-'));
    const first = await startEmbeddedMongo({ host: '127.0.0.1', port: 0, dataDir });
    const port = Number(new URL(first.url).port);
    const hop = await hops.start(
      frontKind,
      'front',
      { MONGO_URL: `mongodb://127.0.0.1:${port}/away` },
      usual,
    );
    expect((await request(hop.url).post('/create').send(createDocument('before'))).status).toBe(200);

    await first.stop();
    const startedAt = performance.now();
    const away = await request(hop.url).post('/create').send(createDocument('during'));
    expect({ status: away.status, ...away.body }).toMatchObject({
      status: 503,
      type: '/problems/store-unavailable',
      saved: null,
      detail: 'The database is away.',
    });
    expect(hops.logged.map(({ msg }) => msg)).toContainEqual(
      expect.stringMatching(/^answered 503: The database is away\. \(.+\)$/),
    );
    // The driver alone would wait for 30 s, the chain waits for one.
    expect(performance.now() - startedAt).toBeLessThan(8000);
    const unready = await request(hop.url).get('/readyz');
    expect([unready.status, unready.body.database]).toEqual([503, 'The database is away.']);
    expect((await request(hop.url).get('/livez')).status).toBe(200);
    expect((await request(hop.url).get('/fronts/before')).body).toMatchObject({ status: 503, saved: false });

    const second = await startEmbeddedMongo({ host: '127.0.0.1', port, dataDir });
    await expect
      .poll(async () => (await request(hop.url).post('/create').send(createDocument('during'))).status)
      .toBe(200);
    expect((await request(hop.url).get('/fronts/before')).body.status).toBe('completed');
    await hop.stop();
    await second.stop();
  });
});

describe('leaving', () => {
  it('finishes what is under way, is unready meanwhile, and then takes nothing more', async () => {
    const hop = await hops.start(frontKind, 'front', { CHAIN_SVC: neighbour.url, DRAIN_MS: '300' });
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<() => void>();
    neighbour.behave((...call) => arrive(() => completes(...call)));
    const underWay = request(hop.url)
      .post('/create')
      .send(createDocument(randomUUID()))
      .then((response) => response);
    const go = await arrived;
    const stopped = hop.stop();
    expect((await request(hop.url).get('/readyz')).body).toMatchObject({
      status: 'unready',
      phase: 'stopping',
    });
    go();
    expect((await underWay).status).toBe(200);
    await stopped;
    await expect(request(hop.url).get('/livez')).rejects.toThrow('ECONNREFUSED');
  });
});
