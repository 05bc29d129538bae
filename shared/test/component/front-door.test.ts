/** What a request must look like before its content is read, and what the front door answers otherwise. */
import { createHash } from 'node:crypto';
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { problemPages } from '../../src/core/problem.ts';
import { useHops } from '../support/hops.ts';
import { createDocument, frontKind } from '../support/kinds.ts';

const hops = useHops('file');
let hop: RunningHop;

beforeAll(async () => {
  hop = await hops.start(frontKind, 'front');
});

const send = (body: string | Buffer, type = 'application/json') =>
  request(hop.url)
    .post('/create')
    .set('Content-Type', type)
    .serialize(String)
    .send(body as string);
const sendBytes = async (bytes: Uint8Array, headers: Record<string, string> = {}) => {
  const response = await fetch(`${hop.url}/create`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: bytes as Uint8Array<ArrayBuffer>,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const nest = (levels: number, name: string): object =>
  levels === 0 ? { $a: 1, $b: 1 } : { [name]: nest(levels - 1, name) };
const text = (bytes: string) => new TextEncoder().encode(bytes);

describe('what cannot be read is answered 400 and stores nothing', () => {
  it.each([
    ['an empty body', text('')],
    ['a truncated body', text('{"id":"1","items":[')],
    ['a byte order mark', text('\uFEFF{"id":"1"}')],
    ['invalid UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
    ['30,000 levels', text('['.repeat(30_000) + ']'.repeat(30_000))],
    ['33 levels', text(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`)],
    ['a number alone with rubbish', text('12 34')],
  ])('%s', async (_what, bytes) => {
    const { status, body } = await sendBytes(bytes);
    expect({ status, ...body }).toMatchObject({
      status: 400,
      type: '/problems/unreadable',
      saved: false,
      service: 'front',
      detail: expect.stringMatching(/^The body /),
    });
  });
});

describe('what is not JSON, or too much of it', () => {
  it.each([
    ['text/plain', 'Content-Type is "text/plain"'],
    ['application/json; charset=utf-16', 'charset is utf-16'],
  ])('is answered 415 for %s', async (type, words) => {
    const { status, body } = await send('{}', type);
    expect({ status, ...body }).toMatchObject({
      status: 415,
      detail: expect.stringContaining(words),
      saved: false,
    });
  });

  it('is answered 415 without a type', async () => {
    const response = await fetch(`${hop.url}/create`, { method: 'POST', body: text('{}') });
    expect(response.status).toBe(415);
  });

  it('is answered 415 when it is compressed', async () => {
    expect((await sendBytes(text('{}'), { 'Content-Encoding': 'gzip' })).status).toBe(415);
  });

  it.each([
    ['one long text', JSON.stringify({ ...createDocument('big'), note: 'x'.repeat(100_000) })],
    ['100,000 fields', `{${Array.from({ length: 100_000 }, (_, n) => `"k${n}":1`).join(',')}}`],
  ])('is answered 413 for %s', async (_what, body) => {
    const answer = await send(body);
    expect({ status: answer.status, ...answer.body }).toMatchObject({
      status: 413,
      type: '/problems/too-large',
      saved: false,
    });
  });
});

describe('a short answer tells what is invalid in', () => {
  it.each([
    ['one long name', { [`$${'x'.repeat(95_000)}`]: 1 }],
    ['a way of long names', nest(31, '~/'.repeat(1400))],
    [
      'twenty long names',
      Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`$${n}${'é'.repeat(2000)}`, 1])),
    ],
    ['thousands of mistakes', { id: Array(9000).fill('\ud800') }],
    ['control characters', { [`$${'\u0001'.repeat(15_000)}`]: 1 }],
  ])('%s', async (_what, body) => {
    const answer = await send(JSON.stringify(body));
    expect(answer.status).toBe(422);
    expect(Buffer.byteLength(answer.text)).toBeLessThan(8000);
    expect(answer.body.errors.length).toBeLessThanOrEqual(20);
    for (const { pointer } of answer.body.errors) expect(pointer.length).toBeLessThanOrEqual(257);
  });
});

describe('a client that says at which hop it is', () => {
  it.each(['1', '5', '-1', 'abc', '1.5', ''])('is refused with 422: count="%s"', async (count) => {
    const answer = await request(hop.url).post('/create').query({ count }).send(createDocument());
    expect({ status: answer.status, ...answer.body }).toMatchObject({
      status: 422,
      errors: [{ pointer: '/count' }],
    });
  });
});

describe('legal content', () => {
  it('may nest 32 levels', async () => {
    const deep = `${'['.repeat(31)}${']'.repeat(31)}`;
    const body = JSON.stringify({ ...createDocument('deep'), extra: 0 }).replace(
      '"extra":0',
      `"extra":${deep}`,
    );
    expect((await send(body)).status).toBe(200);
  });

  it('may come as any JSON media type', async () => {
    expect(
      (await send(JSON.stringify(createDocument()), 'application/vnd.shop+json; charset="UTF-8"')).status,
    ).toBe(200);
  });

  it('may say count=0', async () => {
    expect((await request(hop.url).post('/create?count=0').send(createDocument())).status).toBe(200);
  });
});

describe('the front door', () => {
  it.each([
    ['GET', '/create', 'POST, OPTIONS'],
    ['DELETE', '/fronts', 'GET, HEAD, POST, OPTIONS'],
    ['POST', '/livez', 'GET, HEAD, OPTIONS'],
    ['PUT', '/fronts/1', 'GET, HEAD, OPTIONS'],
  ])('answers 405 with Allow to %s %s', async (method, path, allow) => {
    const response = await fetch(`${hop.url}${path}`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    expect(await response.json()).toMatchObject({ type: '/problems/method-not-allowed', saved: false });
  });

  it('answers 404 as a problem for an unknown address and an unknown id', async () => {
    expect((await request(hop.url).get('/nowhere')).body).toMatchObject({
      type: '/problems/not-found',
      status: 404,
    });
    expect((await request(hop.url).get('/fronts/unknown')).body).toMatchObject({
      status: 404,
      detail: 'front keeps no document "unknown" in fronts.',
    });
  });

  it('answers 400 to a malformed address', async () => {
    expect((await request(hop.url).get('/fronts/%E0%A4%A')).status).toBe(400);
  });

  it('greets, says that it lives, is ready, and which version it is', async () => {
    expect((await request(hop.url).get('/')).text).toBe('hello from front\n');
    expect((await request(hop.url).get('/livez')).body).toEqual({ status: 'alive' });
    expect((await request(hop.url).get('/readyz')).body).toEqual({
      status: 'ready',
      phase: 'serving',
      database: 'ok',
    });
    expect((await request(hop.url).get('/version')).body).toMatchObject({
      service: 'front',
      version: '0.1.0',
    });
  });

  it('serves a page for every problem it answers', async () => {
    const page = await request(hop.url).get('/problems/invalid');
    expect([page.status, page.type]).toEqual([200, 'text/html']);
    expect(page.text).toContain('JSON Pointer');
    expect((await request(hop.url).get('/problems/toString')).status).toBe(404);
  });

  it('lists every problem, each with a page that leads back and on, and loads nothing', async () => {
    const list = await request(hop.url).get('/problems').expect(200).expect('Content-Type', /html/);
    const hrefs = [...list.text.matchAll(/href="(\/problems\/[^"]+)"/g)].map(([, href]) => `${href}`);
    expect(hrefs.toSorted()).toEqual(
      Object.keys(problemPages)
        .map((code) => `/problems/${code}`)
        .toSorted(),
    );
    for (const href of hrefs) {
      const { status, text, headers } = await request(hop.url).get(href);
      expect([status, text.includes('href="/problems"')]).toEqual([200, true]);
      const [, style = ''] = /<style>(.*)<\/style>/s.exec(text) ?? [];
      const hash = createHash('sha256').update(style).digest('base64');
      expect(headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`);
      expect(text).not.toMatch(/<script|<img|<link|style=/);
    }
  });

  it('keeps a harmless request id, replaces another, and does not say what it is made of', async () => {
    const kept = await request(hop.url).get('/').set('X-Request-Id', 'abc-1');
    const replaced = await request(hop.url).post('/create').set('X-Request-Id', '<script>').send({});
    expect(kept.headers['x-powered-by']).toBeUndefined();
    expect(replaced.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(replaced.body.requestId).toBe(replaced.headers['x-request-id']);
  });

  it('refuses a time-out header that is no number', async () => {
    const answer = await request(hop.url)
      .post('/create')
      .set('Request-Timeout-Ms', 'soon')
      .send(createDocument());
    expect({ status: answer.status, ...answer.body }).toMatchObject({ status: 400, saved: false });
  });

  it('does not begin what its caller will not wait for', async () => {
    const answer = await request(hop.url)
      .post('/create')
      .set('Request-Timeout-Ms', '5')
      .send(createDocument('late'));
    expect({ status: answer.status, ...answer.body }).toMatchObject({
      status: 504,
      type: '/problems/deadline-exceeded',
      saved: false,
    });
    expect((await request(hop.url).get('/fronts/late')).status).toBe(404);
  });
});
