/** What an order must look like, and that nothing else gets in or breaks anything. */
import fc from 'fast-check';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { order } from '../../../order/src/order.ts';
import type { RunningHop } from '../../src/app/run-hop.ts';
import { createHops, createOrder } from '../support/hops.ts';

const hops = createHops();
let hop: RunningHop;

beforeAll(async () => {
  hop = await hops.start(order, 'order');
});
afterAll(() => hops.stop());

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
const changed = (path: string, value: unknown) => {
  const body = createOrder('changed') as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const target = keys.reduce((node, key) => node[key] as Record<string, unknown>, body);
  if (value === undefined) delete target[last];
  else target[last] = value;
  return JSON.stringify(body);
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
      service: 'order',
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
    ['one long text', JSON.stringify({ ...createOrder('big'), note: 'x'.repeat(100_000) })],
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

describe('invalid content is answered 422 with a pointer to every field', () => {
  const notAnId = 'Must be 1 to 64 letters, digits, dots, underscores, colons or dashes.';

  it.each([
    ['{}', '{}', ['/id', '/items', '/payment']],
    ['null', 'null', ['']],
    ['an array', '[]', ['']],
    ['a text', '"order"', ['']],
    ['an operator as id', changed('id', { $ne: null }), ['/id/$ne']],
    ['an empty id', changed('id', ''), ['/id']],
    ['an id of 65 characters', changed('id', 'x'.repeat(65)), ['/id']],
    ['a number as id', changed('id', 1), ['/id']],
    ['half a character in an id', changed('id', 'a').replace('"a"', '"\ud800"'), ['/id']],
    ['items that are no list', changed('items', {}), ['/items']],
    ['a date that is none', changed('date', 'tomorrow'), ['/date']],
    ['no payment', changed('payment', undefined), ['/payment']],
    ['a payment without id', changed('payment.id', undefined), ['/payment/id']],
    ['a negative amount', changed('payment.amount', -1), ['/payment/amount']],
    ['an amount as text', changed('payment.amount', '1'), ['/payment/amount']],
    [
      'an amount beyond all numbers',
      changed('payment.amount', 7).replace(':7', ':1e999'),
      ['/payment/amount'],
    ],
    ['no shipment', changed('payment.shipment', undefined), ['/payment/shipment']],
    ['empty directions', changed('payment.shipment.directions', ''), ['/payment/shipment/directions']],
    [
      '1001 characters of directions',
      changed('payment.shipment.directions', 'x'.repeat(1001)),
      ['/payment/shipment/directions'],
    ],
    ['a dotted name', changed('items', [{ 'a.b': 1 }]), ['/items/0/a.b']],
    ['NUL in a name', changed('items', [{ 'a\0': 1 }]), ['/items/0/a\0']],
    [
      '__proto__',
      changed('items', []).replace('"items"', '"__proto__":{"admin":true},"items"'),
      ['/__proto__'],
    ],
  ])('%s', async (_what, body, pointers) => {
    const answer = await send(body);
    expect({ status: answer.status, ...answer.body }).toMatchObject({
      status: 422,
      type: '/problems/invalid',
      saved: false,
      errors: pointers.map((pointer) => ({ pointer, detail: expect.any(String) })),
    });
    expect(answer.body.final).toBeUndefined();
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it.each(['9007199254740993', '12345678901234567890', '0.1234567890123456789', '1e-400'])(
    'an amount of %s, which would be rounded',
    async (amount) => {
      const answer = await send(changed('payment.amount', 7).replace(':7', `:${amount}`));
      expect({ status: answer.status, ...answer.body }).toMatchObject({
        status: 422,
        errors: [{ pointer: '/payment/amount', detail: expect.stringContaining('2^53') }],
      });
    },
  );

  it.each([
    ['one long name', { [`$${'x'.repeat(95_000)}`]: 1 }],
    ['a way of long names', nest(31, '~/'.repeat(1400))],
    [
      'twenty long names',
      Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`$${n}${'é'.repeat(2000)}`, 1])),
    ],
    ['thousands of mistakes', { id: Array(9000).fill('\ud800') }],
    ['control characters', { [`$${'\u0001'.repeat(15_000)}`]: 1 }],
  ])('%s, and the answer stays short', async (_what, body) => {
    const answer = await send(JSON.stringify(body));
    expect(answer.status).toBe(422);
    expect(Buffer.byteLength(answer.text)).toBeLessThan(8000);
    expect(answer.body.errors.length).toBeLessThanOrEqual(20);
    for (const { pointer } of answer.body.errors) expect(pointer.length).toBeLessThanOrEqual(257);
  });

  it('says what an id must be', async () => {
    const answer = await send(changed('id', 'a b'));
    expect(answer.body.errors).toEqual([{ pointer: '/id', detail: notAnId }]);
  });

  it.each(['1', '5', '-1', 'abc', '1.5', ''])('a count of "%s" from outside', async (count) => {
    const answer = await request(hop.url).post('/create').query({ count }).send(createOrder());
    expect({ status: answer.status, ...answer.body }).toMatchObject({
      status: 422,
      errors: [{ pointer: '/count' }],
    });
  });
});

describe('legal content', () => {
  it('keeps fields that nobody has named, with their order and their empty objects', async () => {
    const body = {
      ...createOrder('kept'),
      zebra: {},
      apple: [null, { deep: [] }],
      date: '2026-11-21T10:00:00Z',
    };
    expect((await send(JSON.stringify(body))).status).toBe(200);
    const read = await request(hop.url).get('/orders/kept');
    expect(JSON.stringify(read.body.document)).toBe(JSON.stringify(body));
  });

  it('may nest 32 levels', async () => {
    const deep = `${'['.repeat(31)}${']'.repeat(31)}`;
    const body = JSON.stringify({ ...createOrder('deep'), extra: 0 }).replace('"extra":0', `"extra":${deep}`);
    expect((await send(body)).status).toBe(200);
  });

  it('may come as any JSON media type', async () => {
    expect(
      (await send(JSON.stringify(createOrder()), 'application/vnd.shop+json; charset="UTF-8"')).status,
    ).toBe(200);
  });

  it('may say count=0', async () => {
    expect((await request(hop.url).post('/create?count=0').send(createOrder())).status).toBe(200);
  });
});

describe('the front door', () => {
  it('never answers 5xx and never stores what it refuses, whatever JSON comes', async () => {
    const before = (await hops.stored('orders')).length;
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 5 }), async (value) => {
        const answer = await send(JSON.stringify(value));
        return answer.status === 422 || answer.status === 400;
      }),
      { numRuns: 100 },
    );
    expect(await hops.stored('orders')).toHaveLength(before);
  });

  it.each([
    ['GET', '/create', 'POST, OPTIONS'],
    ['DELETE', '/orders', 'GET, HEAD, POST, OPTIONS'],
    ['POST', '/livez', 'GET, HEAD, OPTIONS'],
    ['PUT', '/orders/1', 'GET, HEAD, OPTIONS'],
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
    expect((await request(hop.url).get('/orders/unknown')).body).toMatchObject({
      status: 404,
      detail: 'order keeps no document "unknown" in orders.',
    });
  });

  it('answers 400 to a malformed address', async () => {
    expect((await request(hop.url).get('/orders/%E0%A4%A')).status).toBe(400);
  });

  it('greets, says that it lives, is ready, and which version it is', async () => {
    expect((await request(hop.url).get('/')).text).toBe('hello from order\n');
    expect((await request(hop.url).get('/livez')).body).toEqual({ status: 'alive' });
    expect((await request(hop.url).get('/readyz')).body).toEqual({
      status: 'ready',
      phase: 'serving',
      database: 'ok',
    });
    expect((await request(hop.url).get('/version')).body).toMatchObject({
      service: 'order',
      version: '0.1.0',
    });
  });

  it('serves a page for every problem it answers', async () => {
    const page = await request(hop.url).get('/problems/invalid');
    expect([page.status, page.type]).toEqual([200, 'text/html']);
    expect(page.text).toContain('JSON Pointer');
    expect((await request(hop.url).get('/problems/toString')).status).toBe(404);
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
      .send(createOrder());
    expect({ status: answer.status, ...answer.body }).toMatchObject({ status: 400, saved: false });
  });

  it('does not begin what its caller will not wait for', async () => {
    const answer = await request(hop.url)
      .post('/create')
      .set('Request-Timeout-Ms', '5')
      .send(createOrder('late'));
    expect({ status: answer.status, ...answer.body }).toMatchObject({
      status: 504,
      type: '/problems/deadline-exceeded',
      saved: false,
    });
    expect((await request(hop.url).get('/orders/late')).status).toBe(404);
  });
});
