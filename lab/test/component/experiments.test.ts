/** `/api/experiments` of the real lab, with the real process behind it; lab/test/chaos has a whole run. */
import { expect, it } from 'vitest';
import { until } from '../../../shared/src/core/until.ts';
import type { ExperimentsAnswer } from '../../server/experiment.ts';
import { startLab, type TestLab } from '../support/labs.ts';
import { pidsOf } from '../support/pids-of.ts';

const away = 'http://127.0.0.1:1';
const path = '/api/experiments';

const answerOf = async (lab: TestLab) => (await (await lab.ask('GET', path)).json()) as ExperimentsAnswer;

it('names those that can be started, with what each shows', async () => {
  const lab = await startLab([['order', away]]);
  const { known, ...rest } = await answerOf(lab);
  expect(rest).toEqual({
    ...{
      state: 'none',
      unavailable: null,
      why: null,
      name: null,
      startedAt: null,
      progress: null,
      results: {},
    },
  });
  expect(known.map(({ name }) => name)).toContain('retry-storm');
  expect(known.find(({ name }) => name === 'canary')).toMatchObject({
    hypothesis: 'failed share of canary at most 0.5 points above that of old',
    shows: expect.stringContaining('a release stops here'),
  });
  expect(known.every(({ seconds }) => seconds < 180)).toBe(true);
});

it('runs one at a time, and a cancelled one leaves no process behind', async () => {
  const lab = await startLab([['order', away]]);
  const started = await lab.ask('POST', path, { body: { name: 'fallback' } });
  expect([started.status, await started.json()]).toMatchObject([202, { state: 'running', name: 'fallback' }]);
  await until('it says how far it is', async () => (await answerOf(lab)).progress?.repeat === 1);

  const second = await lab.ask('POST', path, { body: { name: 'breaker' } });
  expect([second.status, await second.json()]).toMatchObject([
    503,
    { detail: 'An experiment is running already; wait for its end, or cancel it.' },
  ]);

  await until('a process of the testbed is there', () => pidsOf('testbed/caller.ts').length > 0);
  const cancelled = await lab.ask('DELETE', `${path}/latest`, { body: {} });
  expect([cancelled.status, await cancelled.json()]).toMatchObject([
    200,
    { state: 'cancelled', why: 'It was cancelled.', progress: null },
  ]);
  await until('every process has ended', () => pidsOf('testbed/').length === 0);
});

it('refuses one that is not known, and names those that are', async () => {
  const lab = await startLab([['order', away]]);
  for (const body of [{ name: 'braeker' }, {}, { name: '../main' }]) {
    const answer = await lab.ask('POST', path, { body });
    expect([answer.status, await answer.json()]).toMatchObject([
      422,
      {
        errors: [{ pointer: '/name', detail: expect.stringMatching(/^Must be one of breaker, bulkhead, /) }],
      },
    ]);
  }
  expect((await answerOf(lab)).state).toBe('none');
});

it('has no result of what was not run', async () => {
  const lab = await startLab([['order', away]]);
  expect((await lab.ask('GET', `${path}/breaker`)).status).toBe(404);
  expect((await lab.ask('GET', `${path}/breaker/report.html`)).status).toBe(404);
});

it('with a token is looked at, started and cancelled only by who has it', async () => {
  const lab = await startLab([['order', away]], { env: { LAB_TOKEN: 'a-long-secret' } });
  const asked = [
    await lab.ask('GET', path),
    await lab.ask('GET', `${path}/breaker`),
    await lab.ask('GET', `${path}/breaker/report.html`),
    await lab.ask('POST', path, { body: { name: 'breaker' } }),
    await lab.ask('DELETE', `${path}/latest`, { body: {} }),
  ];
  expect(asked.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
});
