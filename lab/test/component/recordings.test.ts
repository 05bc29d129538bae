/** `/api/recordings` of the real lab, with a service that is not real. */
import { expect, it } from 'vitest';
import { until } from '../../../shared/src/core/until.ts';
import type { RecordingView } from '../../server/recordings.ts';
import { startFakeService } from '../support/fake-service.ts';
import { startLab, type TestLab } from '../support/labs.ts';
import { aBreaker, aSnapshot, aStatus } from '../support/reports.ts';

const hop = 'order→payment';
const listOf = async (lab: TestLab) =>
  ((await (await lab.ask('GET', '/api/recordings')).json()) as { recordings: RecordingView[] }).recordings;
const start = async (lab: TestLab, body: object = { hop, seconds: 60 }) => {
  const answer = await lab.ask('POST', '/api/recordings', { body });
  return { status: answer.status, body: (await answer.json()) as RecordingView };
};

it('records the calls of one hop as a trace, and keeps them when it is ended', async () => {
  const order = await startFakeService();
  order.greet('snapshot', aSnapshot(aStatus({ breakers: [aBreaker({ name: hop })] })));
  const lab = await startLab([['order', order.url]]);
  const { status, body } = await start(lab);
  expect([status, body]).toMatchObject([201, { hop, state: 'recording', seconds: 60, calls: 0 }]);
  await until('it is heard', async () => (await listOf(lab))[0]?.heard === 1);
  order.tell('calls', {
    calls: [
      { name: hop, at: 1_768_478_400_050, ms: 50, outcome: 'success', error: null },
      {
        name: `${hop}@10.0.0.1:80`,
        at: 1_768_478_401_500,
        ms: 1500,
        outcome: 'timeout',
        error: 'attempt-timeout',
      },
      { name: hop, at: 1_768_478_401_600, ms: 0, outcome: 'saturated', error: null },
      {
        name: hop,
        at: 1_768_478_401_650,
        ms: 0,
        outcome: 'ignored',
        error: 'deadline-exceeded',
      },
      { name: 'order→audit', at: 1_768_478_401_700, ms: 5, outcome: 'success', error: null },
      { name: hop, at: 'soon', ms: -1, outcome: 'success', error: null },
    ],
    dropped: 7,
  });
  await until('they are kept', async () => (await listOf(lab))[0]?.calls === 3);
  const ended = await lab.ask('DELETE', `/api/recordings/${body.id}`, { body: {} });
  expect(await ended.json()).toMatchObject({ state: 'done', calls: 3, dropped: 7 });
  const answer = await lab.ask('GET', `/api/recordings/${body.id}.jsonl`);
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
  const [head, ...lines] = (await answer.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(head).toMatchObject({ trace: 1, hop, recordedBy: 'lab', dropped: 7 });
  expect(lines).toEqual([
    { t: 1_768_478_400_000, ms: 50, outcome: 'ok' },
    { t: 1_768_478_400_000, ms: 1500, outcome: 'timeout', instance: '10.0.0.1:80' },
    { t: 1_768_478_401_600, ms: 0, outcome: 'rejected' },
  ]);
  expect((await lab.ask('DELETE', `/api/recordings/${body.id}`, { body: {} })).status).toBe(200);
  expect(await listOf(lab)).toEqual([]);
});

it('one hop is recorded once at a time', async () => {
  const order = await startFakeService();
  const lab = await startLab([['order', order.url]]);
  await start(lab);
  expect(await start(lab)).toMatchObject({
    status: 503,
    body: { detail: 'order→payment is being recorded already; end that first.' },
  });
});

it('a recording that cannot be made is refused with every fault', async () => {
  const lab = await startLab([['order', 'http://127.0.0.1:1']]);
  expect(await start(lab, { hop: 'payment', seconds: 0, fast: true })).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/hop' }, { pointer: '/seconds' }, { pointer: '/fast' }] },
  });
  expect(await start(lab, { hop: 'nobody→payment' })).toMatchObject({
    status: 404,
    body: { detail: 'The lab knows no caller of that hop; it has order.' },
  });
  expect((await lab.ask('GET', '/api/recordings/none.jsonl')).status).toBe(404);
});

it('with a token only who has it records, looks and removes', async () => {
  const lab = await startLab([['order', 'http://127.0.0.1:1']], { env: { LAB_TOKEN: 'a-long-secret' } });
  const asked = [
    await lab.ask('POST', '/api/recordings', { body: { hop } }),
    await lab.ask('GET', '/api/recordings'),
    await lab.ask('GET', '/api/recordings/none.jsonl'),
    await lab.ask('DELETE', '/api/recordings/none', { body: {} }),
  ];
  expect(asked.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
});
