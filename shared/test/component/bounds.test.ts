/** What is accepted can be forwarded: everything that travels along the chain is well-formed and bounded. */
import { gzipSync } from 'node:zlib';
import { MongoClient } from 'mongodb';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { maxBodyBytes } from '../../src/http/json-body.ts';
import { maxHeaderBytes } from '../../src/http/lifecycle.ts';
import { postAsHop, toHopRequest } from '../support/as-hop.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';
import { answer, completes, useNeighbour } from '../support/neighbour.ts';
import { startChain } from '../support/start-chain.ts';

const neighbour = useNeighbour();
const hops = useHops();

const env = { NEXT_NAME: 'middle', BREAKER_MIN_CALLS: '3', BREAKER_OPEN_MS: '60000' };
const startAlone = (more: Record<string, string> = {}) =>
  hops.start(frontKind, 'front', { ...env, CHAIN_SVC: neighbour.url, ...more });
/** A document as text, whose middle has a list of so many numbers of four characters that become 21. */
const withNumbers = (id: string, count: number) =>
  JSON.stringify(createDocument(id)).replace(
    '"end":',
    `"more":[${Array(count).fill('1e20').join(',')}],"end":`,
  );
const post = (url: string, text: string, headers: Record<string, string> = {}, query = '') =>
  request(url)
    .post(`/create${query}`)
    .set('Content-Type', 'application/json')
    .set(headers)
    .serialize(String)
    .send(text);
const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const stateOf = async ({ url }: RunningHop) => (await request(url).get('/breakers')).body.breakers[0].state;

describe('a body that is small as it is sent and large when it is written again', () => {
  it('is refused at the front door, and nothing is saved', async () => {
    const { front } = await startChain(hops, { frontEnv: env });
    const text = withNumbers('swollen', 19_000);
    expect(text.length).toBeLessThan(maxBodyBytes);
    const refused = await post(front.url, text);
    expect({ status: refused.status, ...refused.body }).toMatchObject({
      status: 413,
      type: '/problems/too-large',
      saved: false,
      detail: expect.stringMatching(
        /^The body has \d{6} bytes when its numbers are written out, more than 100 kB\.$/,
      ),
    });
    expect((await request(front.url).get('/fronts/swollen')).status).toBe(404);
  });

  it('is completed when it is within the limit both ways', async () => {
    const { front } = await startChain(hops, { frontEnv: env });
    expect((await post(front.url, withNumbers('grown', 4400))).status).toBe(200);
  });

  it('is still taken from a hop that let it in before', async () => {
    const { middle } = await startChain(hops, { frontEnv: env });
    const part = JSON.stringify(JSON.parse(withNumbers('old', 19_000)).middle);
    expect(part.length).toBeGreaterThan(4 * maxBodyBytes);
    expect((await post(middle.url, part)).status).toBe(413);
    expect((await post(middle.url, part, { 'Chain-Parent': 'old' })).status).toBe(413);
    const { query, headers } = toHopRequest(part, { parent: 'old' });
    expect((await post(middle.url, part, headers, query)).status).toBe(200);
  });
});

describe('headers that fill the room of the front door', () => {
  const long = maxHeaderBytes - 400;
  it.each<[string, Record<string, string>]>([
    ['Via', { Via: '1 a,'.repeat(long / 4) }],
    ['Via of long names', { Via: `1.1 ${'a'.repeat(long)}` }],
    ['traceparent', { traceparent: `${trace}-${'a'.repeat(long)}` }],
    ['tracestate', { traceparent: trace, tracestate: `a=${'b'.repeat(long)}` }],
    ['X-Request-Id', { 'X-Request-Id': 'r'.repeat(long) }],
    ['X-Release', { 'X-Release': 'r'.repeat(long) }],
  ])('are not passed on: %s', async (name, headers) => {
    const { front } = await startChain(hops, { frontEnv: env });
    for (let n = 0; n < 6; n += 1) {
      expect(
        (await post(front.url, JSON.stringify(createDocument(`${name}-${n}`.replaceAll(' ', '-'))), headers))
          .status,
      ).toBe(200);
    }
    const id = `${name}-0`.replaceAll(' ', '-');
    for (let n = 0; n < 6; n += 1) {
      const read = await request(front.url).get(`/fronts/${id}?expand=middle,end`).set(headers);
      expect(read.body).toMatchObject({
        middle: { status: 'completed' },
        end: { status: 'completed' },
      });
      expect(read.body).not.toHaveProperty('degraded');
    }
    expect(await stateOf(front)).toBe('closed');
  });

  it('are passed on when they are what they should be', async () => {
    const hop = await startAlone();
    const headers = {
      traceparent: trace,
      tracestate: 'vendor=one, other@tenant=two',
      'X-Request-Id': 'r-1',
      'X-Release': 'canary',
      Via: '1.1 shop, 1.0 proxy.example:8080 (old; one), 1.1 gateway',
    };
    await postAsHop(hop.url, createDocument(), { headers });
    expect(neighbour.received[0]?.headers).toMatchObject({
      traceparent: trace,
      tracestate: headers.tracestate,
      'x-request-id': 'r-1',
      'x-release': 'canary',
      via: '1.1 shop, 1.1 gateway, 1.1 front',
    });
  });

  it('need at most a third of the room that a receiver has, even when all are as long as they may be', async () => {
    const token = 't'.repeat(256);
    const hop = await startAlone({ ID: `o${'r'.repeat(31)}`, LAB: '1', LAB_TOKEN: token });
    const name = (n: number) => `${'s'.repeat(30)}${String.fromCharCode(97 + (n % 26))}`;
    const fault = `${'f'.repeat(32)};latency=60000;phase=before`;
    const id = 'i'.repeat(64);
    const body = { id, items: [], middle: { ...createDocument('long').middle, id } };
    const accepted = await postAsHop(hop.url, body, {
      headers: {
        Via: Array.from({ length: 100 }, (_, n) => `1.1 s${name(n)}`).join(', '),
        traceparent: trace,
        tracestate: `a=${'b'.repeat(250)},c=${'d'.repeat(250)}`.padEnd(512, 'e').slice(0, 507),
        'X-Request-Id': 'r'.repeat(64),
        'X-Release': 'r'.repeat(32),
        'Lab-Fault': Array(10).fill(fault).join(','),
        Authorization: `Bearer ${token}`,
      },
    });
    expect(accepted.status).toBe(200);
    const { url = '', headers = {} } = neighbour.received[0] ?? {};
    const lines = Object.entries(headers).map(([key, value]) => `${key}: ${value}\r\n`);
    const bytes = Buffer.byteLength(`POST ${url} HTTP/1.1\r\n${lines.join('')}\r\n`);
    expect(headers).toMatchObject({
      via: expect.stringMatching(/^(1\.1 [a-z]{32}, ){63}1\.1 or{31}$/),
      tracestate: expect.stringMatching(/^.{507}$/),
      'lab-fault': expect.stringContaining('phase=before'),
      'lab-fault-proof': expect.any(String),
    });
    expect(bytes).toBeGreaterThan(4000);
    expect(bytes).toBeLessThan(maxHeaderBytes / 3);
    expect(lines.length).toBeLessThan(30);
  });
});

describe('an id', () => {
  it.each(['.', '..'])('is never "%s", which no address can name', async (id) => {
    const hop = await startAlone();
    const whole = { ...createDocument(), id };
    const part = { ...createDocument(), middle: { ...createDocument().middle, id } };
    for (const [body, pointer] of [
      [whole, '/id'],
      [part, '/middle/id'],
    ] as const) {
      const refused = await request(hop.url).post('/create').send(body);
      expect({ status: refused.status, ...refused.body }).toMatchObject({
        status: 422,
        errors: [{ pointer }],
      });
    }
  });

  it('that was kept as ".." before is not read behind, and nobody is blamed', async () => {
    const hop = await startAlone();
    await request(hop.url).post('/create').send(createDocument('old'));
    const client = new MongoClient(hops.mongoUrl);
    await client
      .db()
      .collection('fronts')
      .updateOne({ _id: 'old' as never }, { $set: { 'body.middle.id': '..' } });
    await client.close();
    for (let n = 0; n < 6; n += 1) {
      const { body } = await request(hop.url).get('/fronts/old?expand=middle');
      expect(body).toMatchObject({
        degraded: true,
        missing: [{ reason: 'middle: No address can name "..".' }],
      });
    }
    expect(await stateOf(hop)).toBe('closed');
    expect(neighbour.received).toHaveLength(1);
  });

  it('may have dots in it, and is one segment of its Location', async () => {
    const hop = await startAlone();
    neighbour.behave(answer(500, ''));
    const kept = await request(hop.url).post('/create').send(createDocument('...:a_b-c'));
    expect(kept.headers.location).toBe('/fronts/...%3Aa_b-c');
    expect((await request(hop.url).get(`${kept.headers.location}`)).body.id).toBe('...:a_b-c');
  });
});

describe('a neighbour behind a proxy that compresses', () => {
  it('is asked not to, and understood', async () => {
    const hop = await startAlone();
    neighbour.behave((call, response, socket) => {
      if (!/gzip|\*/.test(`${call.headers['accept-encoding'] ?? '*'}`))
        return completes(call, response, socket);
      const body = { id: call.body.id, status: 'completed', message: 'squeezed', hops: [] };
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' });
      response.end(gzipSync(JSON.stringify(body)));
    });
    expect((await request(hop.url).post('/create').send(createDocument())).status).toBe(200);
    expect(neighbour.received[0]?.headers['accept-encoding']).toBe('identity');
  });
});
