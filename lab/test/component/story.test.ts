/** The story of one order, as the lab puts it together from what real servers tell. */
import { describe, expect, it } from 'vitest';
import { until } from '../../../shared/src/core/until.ts';
import type { LabStory } from '../../server/story-wire.ts';
import { type FakeService, startFakeService } from '../support/fake-service.ts';
import { startLab, type TestLab } from '../support/labs.ts';
import { aSnapshot, aStatus } from '../support/reports.ts';

const acceptedAt = '2026-11-21T12:00:00.000Z';
const at = Date.parse(acceptedAt);
const notFound = { status: 404, body: '{"detail":"none"}' };
const ok = (body: object) => ({ status: 200, body: JSON.stringify(body) });

const record = (id: string, document: object, change: object = {}) =>
  ok({ id, status: 'completed', acceptedAt, repeats: 0, document: { id, ...document }, ...change });

const step = (id: string, change: object = {}) => ({
  ...{ at, id, parent: null, step: 'answered', by: 'request', status: 'pending', httpStatus: 202, ms: 5 },
  ...{ next: null, reason: null, retryAt: null, hops: null },
  ...change,
});

const steps = (instance: string, ...list: object[]) => ok({ service: '', instance, at, id: '', steps: list });

/** Three services that know order o with its parts p and s; nobody knows anything else. */
async function startChain(): Promise<{ lab: TestLab; order: FakeService; payment: FakeService }> {
  const [order, payment, shipment] = [
    await startFakeService(),
    await startFakeService(),
    await startFakeService(),
  ];
  for (const service of [order, payment, shipment]) service.behave(notFound);
  order.answerAt('/orders/o', record('o', { payment: { id: 'p' }, secret: 'of the customer' }));
  order.answerAt('/orders/o/steps', steps('host:1', step('o')));
  payment.answerAt('/payments/p?parent=o', record('p', { shipment: { id: 's' } }, { parent: 'o' }));
  payment.answerAt('/payments/p', record('p', { shipment: { id: 's' } }, { parent: 'o' }));
  shipment.answerAt('/shipments/s?parent=p', record('s', {}, { parent: 'p' }));
  shipment.answerAt('/shipments/s', record('s', {}, { parent: 'p' }));
  const lab = await startLab([
    ['order', order.url],
    ['payment', payment.url],
    ['shipment', shipment.url],
  ]);
  return { lab, order, payment };
}

async function storyOf(lab: TestLab, id: string): Promise<LabStory> {
  const answer = await lab.ask('GET', `/api/orders/${encodeURIComponent(id)}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as LabStory;
}

describe('the story of an order', () => {
  it.each([
    ['itself', 'o'],
    ['its payment', 'p'],
    ['its shipment', 's'],
  ])('is found by the id of %s, with the record of every service and without its content', async (_, id) => {
    const { lab } = await startChain();
    const story = await storyOf(lab, id);
    expect([story.id, story.parts.map((part) => [part.service, part.id, part.document?.status])]).toEqual([
      'o',
      [
        ['order', 'o', 'completed'],
        ['payment', 'p', 'completed'],
        ['shipment', 's', 'completed'],
      ],
    ]);
    expect(story.parts[0]?.steps).toMatchObject([{ id: 'o', origin: 'order', instance: 'host:1', ms: 5 }]);
    expect(JSON.stringify(story)).not.toContain('of the customer');
  });

  it('has what the lab heard of an instance that is dead by now, each step once', async () => {
    const { lab, order, payment } = await startChain();
    order.tell('snapshot', aSnapshot(aStatus()), 'b-0');
    order.tell('order', { service: 'order', instance: 'host:1', ...step('o') });
    payment.tell('payment', { service: 'payment', instance: 'dead:1', ...step('p', { parent: 'o', ms: 9 }) });
    await until('the lab has heard it', async () => (await storyOf(lab, 'o')).parts[1]?.steps.length === 1);
    const story = await storyOf(lab, 'o');
    expect(story.parts.map((part) => part.steps.map(({ instance, ms }) => [instance, ms]))).toEqual([
      [['host:1', 5]],
      [['dead:1', 9]],
      [],
    ]);
    expect(story.parts[1]?.missing).toEqual([
      expect.stringMatching(/^What payment at 127\.0\.0\.1:\d+ remembers is missing\. It answered 404\.$/),
    ]);
  });

  it('has the rest when a service is away, and says which', async () => {
    const { lab, payment } = await startChain();
    payment.answerAt('/payments/p?parent=o', {});
    payment.answerAt('/payments/p/steps?parent=o', {});
    const { parts } = await storyOf(lab, 'o');
    expect(parts.map(({ document }) => document?.status)).toEqual(['completed', undefined, undefined]);
    expect(parts[1]?.missing[0]).toMatch(/^payment: http:.* does not answer: the connection was reset\.$/);
  });

  it('that nobody knows is 404 in a sentence', async () => {
    const { lab } = await startChain();
    const answer = await lab.ask('GET', '/api/orders/never');
    expect([answer.status, ((await answer.json()) as { detail: string }).detail]).toEqual([
      404,
      expect.stringContaining('No service of this chain knows an order or a part of one called "never".'),
    ]);
  });

  it.each(['..', 'a/b', '../../create', 'a\\b', 'a\0', 'x'.repeat(10_000), '\u009b', '?parent=x', 'ü', '%'])(
    'with the id %j leads nowhere else',
    async (id) => {
      const { lab, order } = await startChain();
      const answer = await lab.ask('GET', `/api/orders/${encodeURIComponent(id)}`);
      expect(answer.status).toBe(404);
      const paths = order.asked.map(({ what }) => what);
      expect(paths.filter((what) => !/^GET \/orders\/[^/]+(\/steps)?$/.test(what))).toEqual([]);
    },
  );

  it('needs the token where the lab has one, and an address that it is called by', async () => {
    const order = await startFakeService();
    const lab = await startLab([['order', order.url]], { env: { LAB_TOKEN: 'a-long-secret' } });
    expect((await lab.ask('GET', '/api/orders/o')).status).toBe(401);
    expect(order.asked).toEqual([]);
  });
});
