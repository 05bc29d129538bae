/** What a page hears from the real lab, over real streams of services that a test speaks on. */
import { zeroCounts } from '@holdfast/shared/resilience/breaker-state.ts';
import { expect, it } from 'vitest';
import { until } from '../../../shared/src/core/until.ts';
import { toSamples } from '../../server/sample-columns.ts';
import type { LabHistory, LabSample, LabSnapshot, LabStatus } from '../../server/wire.ts';
import { type FakeService, startFakeService } from '../support/fake-service.ts';
import { startLab, type TestLab } from '../support/labs.ts';
import { aBreaker, anEntry, aSnapshot, aStatus } from '../support/reports.ts';

/** Rejections of breakers that differ: those of one breaker in a row would be one event. */
const told = (number: number) => anEntry(number, { name: `order→payment@10.0.0.${number}:3000` });

const step = { at: 5, id: 'o-1', parent: null, step: 'answered', status: 'completed' };

/** A lab with one service, whose stream has begun. */
async function listening(
  greeting: object = aSnapshot(aStatus()),
): Promise<{ lab: TestLab; order: FakeService }> {
  const order = await startFakeService();
  order.greet('snapshot', greeting);
  const lab = await startLab([['order', order.url]]);
  await until('the lab listens', async () => (await lab.status()).services[0]?.connected);
  return { lab, order };
}

/** The first message of one kind, as a page sees it. */
function first<T>(messages: readonly { event: string; data: unknown }[], event: string): Promise<T> {
  return until(
    `a ${event} came`,
    () => messages.find((message) => message.event === event)?.data as T | undefined,
  );
}

it('a page begins with a snapshot of all services, what they told, and the steps of documents', async () => {
  const { lab, order } = await listening(aSnapshot(aStatus(), [told(1), told(2)]));
  order.tell('order', { service: 'order', instance: 'host:3000', ...step });
  await until('the step came', async () => {
    const snapshot = await first<LabSnapshot>(lab.watch(), 'snapshot');
    return snapshot.steps.length > 0;
  });
  const messages = lab.watch();
  const snapshot = await first<LabSnapshot>(messages, 'snapshot');
  expect(snapshot).toEqual({
    at: expect.any(Number),
    services: [
      { name: 'order', url: order.url, connected: true, lastHeardAt: expect.any(Number), status: aStatus() },
    ],
    traffic: expect.objectContaining({ on: false, sent: 0 }),
    tokenNeeded: false,
    ledger: expect.objectContaining({ lost: null, notAudited: 'not audited: npm run audit' }),
    lastId: expect.stringMatching(/^\w{8}-2$/),
    gap: false,
    history: [1, 2].map((number) => ({
      ...told(number),
      id: expect.stringMatching(new RegExp(`-${number}$`)),
      origin: 'order',
      url: order.url,
      since: told(number).at,
    })),
    steps: [{ service: 'order', instance: 'host:3000', ...step, origin: 'order' }],
  });
  expect(messages[0]?.id).toBe(snapshot.lastId);
});

it('ticks show what the services said last, and heartbeats come in between', async () => {
  const { lab, order } = await listening();
  const messages = lab.watch();
  await first(messages, 'snapshot');
  order.tell('tick', { ...aStatus({ lateWork: 7 }), skipped: 0 });
  await until('a tick shows it', () =>
    messages.some(
      ({ event, data }) => event === 'tick' && (data as LabStatus).services[0]?.status?.lateWork === 7,
    ),
  );
  await first(messages, 'heartbeat');
});

it('what a service tells goes to every page at once, with its name and an id of the lab', async () => {
  const { lab, order } = await listening();
  const pages = [lab.watch(), lab.watch()];
  for (const page of pages) await first(page, 'snapshot');
  order.tell('rejections', told(1), 'b-1');
  order.tell('payment', { service: 'payment', instance: 'x', ...step });
  for (const page of pages) {
    expect(await first(page, 'rejections')).toMatchObject({
      ...told(1),
      id: expect.any(String),
      origin: 'order',
    });
    expect(await first(page, 'order')).toEqual({
      service: 'payment',
      instance: 'x',
      ...step,
      origin: 'order',
    });
    expect(page.find(({ event }) => event === 'rejections')?.id).toMatch(/-1$/);
  }
});

it('once a second a sample says what was done in it, and the history has all of them', async () => {
  const lately = {
    counts: { ...zeroCounts(), success: 20, rejected: 2 },
    relay: 5,
    relayTotal: 5,
    p50Ms: 4,
    p99Ms: 9,
  };
  const status = aStatus({ breakers: [aBreaker({ inFlight: 3 })], lately: { 'order→payment': lately } });
  const { lab, order } = await listening(aSnapshot(status, [told(1)]));
  const sample = await first<LabSample>(lab.watch(), 'sample');
  expect(sample).toEqual({
    at: expect.any(Number),
    breakers: {
      [`order/${new URL(order.url).host}/order→payment`]: {
        ok: 20,
        failed: 0,
        rejected: 2,
        relay: 5,
        p50Ms: 4,
        p99Ms: 9,
        inFlight: 3,
        state: 'closed',
      },
    },
    customers: { completed: 0, pending: 0, refused: 0, failed: 0, unanswered: 0, p50Ms: null, p99Ms: null },
    pending: { order: 5 },
  });
  expect(sample.at % 1000).toBe(0);
  const answer = await lab.ask('GET', '/api/history');
  const { samples, entries } = (await answer.json()) as LabHistory;
  expect(answer.headers.get('content-encoding')).toBe('gzip');
  expect(toSamples(samples)).toContainEqual(sample);
  expect(entries).toMatchObject([{ ...told(1), id: expect.any(String), origin: 'order', url: order.url }]);
});

it('a page that comes back gets what it missed, in one piece', async () => {
  const { lab, order } = await listening(aSnapshot(aStatus(), [told(1)]));
  const { lastId } = await first<LabSnapshot>(lab.watch(), 'snapshot');
  for (const number of [2, 3]) order.tell('rejections', told(number), `b-${number}`);
  await until(
    'both came',
    async () => (await first<LabSnapshot>(lab.watch(), 'snapshot')).history.length === 3,
  );
  const back = lab.watch({ lastEventId: lastId });
  const snapshot = await first<LabSnapshot>(back, 'snapshot');
  await until('both came again', () => back.filter(({ event }) => event === 'rejections').length === 2);
  expect({ gap: snapshot.gap, history: snapshot.history.length, id: back[0]?.id }).toEqual({
    gap: false,
    history: 1,
    id: undefined,
  });
});

it('a page of another life of the lab is told that there is a gap', async () => {
  const { lab } = await listening(aSnapshot(aStatus(), [told(1)]));
  const snapshot = await first<LabSnapshot>(lab.watch({ lastEventId: 'other-7' }), 'snapshot');
  expect([snapshot.gap, snapshot.history.length]).toEqual([true, 1]);
});

it('a service that is silent for 5 s is away, and what it said last is kept', async () => {
  const { lab } = await listening();
  lab.pass(4000);
  expect((await lab.status()).services[0]?.connected).toBe(true);
  lab.pass(1100);
  const [service] = (await lab.status()).services;
  expect([service?.connected, service?.status]).toEqual([false, aStatus()]);
});

it('a service whose stream ends is away; when it is back nothing is told twice', async () => {
  const { lab, order } = await listening(aSnapshot(aStatus(), [told(1)]));
  const messages = lab.watch();
  await first(messages, 'snapshot');
  order.tell('rejections', told(2), 'b-2');
  await first(messages, 'rejections');
  order.greet('snapshot', {
    ...aSnapshot(aStatus({ lateWork: 1 }), [told(1), told(2)]),
    lastId: 'b-3',
  });
  order.hangUp();
  await until('the lab asks again', () => order.listened.length === 2);
  order.tell('rejections', told(2), 'b-2');
  order.tell('rejections', told(3), 'b-3');
  await until('the new one came', () => messages.filter(({ event }) => event === 'rejections').length >= 2);
  expect(order.listened[1]).toBe('b-2');
  expect(
    messages.filter(({ event }) => event === 'rejections').map(({ data }) => (data as { at: number }).at),
  ).toEqual([2, 3].map((number) => told(number).at));
  expect((await lab.status()).services[0]).toMatchObject({ connected: true, status: { lateWork: 1 } });
  expect(lab.logged.filter((line) => line.includes('is away'))).toHaveLength(1);
});

it('a service that was started again tells its new life from the beginning', async () => {
  const { lab, order } = await listening(aSnapshot(aStatus(), [told(5)]));
  const messages = lab.watch();
  await first(messages, 'snapshot');
  const reborn = { ...told(1), id: 'c-1' };
  order.greet('snapshot', { ...aSnapshot(aStatus({ startedAt: 1 }), [reborn]), gap: true });
  order.hangUp();
  expect(await first(messages, 'rejections')).toMatchObject({ at: reborn.at, origin: 'order' });
});

it('what is no message of a service does not reach a page', async () => {
  const { lab, order } = await listening();
  const messages = lab.watch();
  await first(messages, 'snapshot');
  order.tell('tick', ['not', 'an', 'object']);
  order.tell('tick', { ...aStatus({ lateWork: 9 }), breakers: [aBreaker()] });
  await until('the good one came', async () => (await lab.status()).services[0]?.status?.lateWork === 9);
});

it('behind a name it listens to every address, forgets who is gone, and keeps the last ones it knew', async () => {
  let addresses = ['127.0.0.1'];
  let resolved = 0;
  const service = await startFakeService();
  service.greet('snapshot', aSnapshot(aStatus()));
  const { port } = new URL(service.url);
  const lab = await startLab([['payment', `dns+http://payment.example:${port}`]], {
    resolve: async () => {
      resolved += 1;
      return { addresses, ttlSeconds: 1 };
    },
  });
  const seen = async () =>
    (await lab.status()).services.map(({ name, url, connected }) => [name, url, connected]);
  const at = (host: string) => `http://${host}:${port}`;
  await until('the first is heard', async () => (await lab.status()).services[0]?.connected);
  expect(await seen()).toEqual([['payment', at('127.0.0.1'), true]]);
  addresses = ['127.0.0.1', '127.0.0.2'];
  await until('the second is shown', async () => (await seen()).length === 2);
  expect(await seen()).toEqual([
    ['payment', at('127.0.0.1'), true],
    ['payment', at('127.0.0.2'), false],
  ]);
  addresses = ['127.0.0.1'];
  await until('the second is forgotten', async () => (await seen()).length === 1);
  const told = service.listened.length;
  addresses = [];
  const before = resolved;
  // The second begins when all is done that follows from the first.
  await until('the name was resolved twice more', () => resolved >= before + 2);
  expect(await seen()).toEqual([['payment', at('127.0.0.1'), true]]);
  expect(service.listened).toHaveLength(told);
});
