/** What an order must look like, and that nothing else is stored. */
import fc from 'fast-check';
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunningHop } from '../../../shared/src/app/run-hop.ts';
import { useHops } from '../../../shared/test/support/hops.ts';
import { order } from '../../src/order.ts';
import { createOrder } from '../support/create-order.ts';

const hops = useHops('file');
let hop: RunningHop;

beforeAll(async () => {
  hop = await hops.start(order, 'order');
});

const send = (body: string) =>
  request(hop.url).post('/create').set('Content-Type', 'application/json').serialize(String).send(body);
const changed = (path: string, value: unknown) => {
  const body = createOrder('changed') as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const target = keys.reduce((node, key) => node[key] as Record<string, unknown>, body);
  if (value === undefined) delete target[last];
  else target[last] = value;
  return JSON.stringify(body);
};

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

  it('says what an id must be', async () => {
    const answer = await send(changed('id', 'a b'));
    expect(answer.body.errors).toEqual([{ pointer: '/id', detail: notAnId }]);
  });
});

describe('the front door', () => {
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
});
