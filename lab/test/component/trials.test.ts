/** `/api/tunes` and `/api/trials` of the real lab, before a service that is not real. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../../../shared/src/core/until.ts';
import { policyDefaults } from '../../../shared/src/resilience/model/policy.ts';
import type { TrialStatus } from '../../server/policy-trial.ts';
import { type FakeService, startFakeService } from '../support/fake-service.ts';
import { startLab, type TestLab } from '../support/labs.ts';

const hop = 'order→payment';
const latest = '/api/trials/latest';
const result = {
  ...{ hop, at: 5, source: 'fault', seed: 1, command: 'npm run tune', sentence: 'Three attempts.' },
  why: { attempts: 'A third saves two of a hundred.' },
  best: [
    { policy: { ...policyDefaults, attempts: 3 }, costs: 'Two more.', outcome: { perSecond: [1, 2, 3] } },
  ],
};

/** A folder as `npm run tune` leaves it. */
function leave(
  files: Readonly<Record<string, string>> = { 'order→payment.json': JSON.stringify(result) },
): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tunes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'tune'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'tune', name), text);
  return folder;
}

const statusOf = async (lab: TestLab) => (await (await lab.ask('GET', latest)).json()) as TrialStatus;

async function startOrder(): Promise<FakeService> {
  const order = await startFakeService();
  order.answerAt('/policy', { status: 200, body: JSON.stringify({ hop, policy: policyDefaults }) });
  return order;
}

it('without a folder there is no tune, and it says why', async () => {
  const lab = await startLab([['order', 'http://127.0.0.1:1']]);
  expect(await (await lab.ask('GET', '/api/tunes')).json()).toEqual({
    tunes: [],
    unavailable: 'This lab has no LAB_DATA_DIR, in which npm run tune leaves its result.',
  });
  expect(await statusOf(lab)).toMatchObject({ state: 'none', arms: [] });
});

it('what tunes found is told without what only their reports need, and files that are none are left out', async () => {
  const older = JSON.stringify({ ...result, hop: 'payment→shipment', at: 1 });
  const files = {
    'a.json': older,
    'b.json': JSON.stringify(result),
    'c.json': '{"hop":',
    'd.json': '[]',
    'e.txt': older,
  };
  const lab = await startLab([['order', 'http://127.0.0.1:1']], { env: { LAB_DATA_DIR: leave(files) } });
  const { seed: _, best, ...told } = result;
  const [{ outcome: __, ...first } = {} as never] = best;
  expect(await (await lab.ask('GET', '/api/tunes')).json()).toEqual({
    tunes: [
      { ...told, best: [first] },
      { ...told, hop: 'payment→shipment', at: 1, best: [first] },
    ],
    unavailable: null,
  });
});

it('a trial judges the calls that the lab hears of the hop, until it is stopped', async () => {
  const order = await startOrder();
  const lab = await startLab([['order', order.url]], { env: { LAB_DATA_DIR: leave() } });
  await until('the lab listens', () => order.listened.length > 0);
  const started = await lab.ask('POST', '/api/trials', { body: { hop } });
  expect([started.status, await started.json()]).toMatchObject([
    202,
    {
      state: 'running',
      hop,
      arms: [
        { name: 'current', policy: policyDefaults },
        { name: '1', policy: { attempts: 3 } },
      ],
    },
  ]);
  const calls = [{ name: hop, at: 1020, ms: 20, outcome: 'success', error: null }];
  await until('a call was judged', async () => {
    order.tell('calls', { calls, dropped: 0 });
    return (await statusOf(lab)).calls > 0;
  });
  expect((await statusOf(lab)).arms[1]).toMatchObject({ shadow: { opened: 0, rejected: 0 }, replay: null });
  const stopped = await lab.ask('DELETE', latest, { body: {} });
  expect([stopped.status, await stopped.json()]).toMatchObject([200, { state: 'stopped' }]);
});

it.each([
  ['no hop', {}, 422, 'Must be caller and neighbour'],
  ['something else beside it', { hop, speed: 1 }, 422, 'Is not known here.'],
  [
    'a hop that nobody has',
    { hop: 'order→bank' },
    404,
    'The policy of order→bank cannot be read: order has order→payment.',
  ],
  ['a service that nobody knows', { hop: 'till→bank' }, 404, 'the lab has no service that calls so'],
])('a trial of %s is refused in a sentence', async (_what, body, status, detail) => {
  const order = await startOrder();
  const lab = await startLab([['order', order.url]], { env: { LAB_DATA_DIR: leave() } });
  const answer = await lab.ask('POST', '/api/trials', { body });
  expect([answer.status, ((await answer.json()) as { detail: string }).detail]).toEqual([
    status,
    expect.stringContaining(detail),
  ]);
});

it('a service that does not answer with JSON is named', async () => {
  const order = await startFakeService();
  order.answerAt('/policy', { status: 200, body: '<html>' });
  const lab = await startLab([['order', order.url]], { env: { LAB_DATA_DIR: leave() } });
  const answer = await lab.ask('POST', '/api/trials', { body: { hop } });
  expect([answer.status, await answer.json()]).toMatchObject([
    404,
    { detail: 'The policy of order→payment cannot be read: order answers no JSON.' },
  ]);
});

it('a trial without a tune is refused with the command that makes one', async () => {
  const order = await startOrder();
  const lab = await startLab([['order', order.url]], { env: { LAB_DATA_DIR: leave({}) } });
  const answer = await lab.ask('POST', '/api/trials', { body: { hop } });
  expect([answer.status, ((await answer.json()) as { detail: string }).detail]).toEqual([
    404,
    'There is no tune of order→payment yet; npm run tune -- --for order→payment --fault slow:3x:10s --rate 80 makes one.',
  ]);
});

it('a policy is passed to the service with the token, and only by who may', async () => {
  const order = await startOrder();
  const token = 'a-long-secret';
  const lab = await startLab([['order', order.url]], { env: { LAB_TOKEN: token } });
  const path = '/api/services/order/policy';
  const body = { policy: { attempts: 3 } };
  const asked = [
    await lab.ask('PATCH', path, { body }),
    await lab.ask('GET', path),
    await lab.ask('POST', '/api/trials', { body: { hop } }),
    await lab.ask('DELETE', latest, { body: {} }),
    await lab.ask('GET', latest),
    await lab.ask('GET', '/api/tunes'),
  ];
  expect(asked.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401]);
  const headers = { Authorization: `Bearer ${token}` };
  const foreign = { ...headers, Origin: 'http://evil.example' };
  expect((await lab.ask('PATCH', path, { body, headers: foreign })).status).toBe(403);
  expect((await lab.ask('PATCH', path, { body, headers })).status).toBe(200);
  expect(order.asked.filter(({ what }) => what === 'PATCH /policy')).toMatchObject([
    { body: JSON.stringify(body), headers: { authorization: `Bearer ${token}` } },
  ]);
});
