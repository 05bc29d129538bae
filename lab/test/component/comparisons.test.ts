/** `/api/comparisons` of the real lab, with the real process behind it; lab/test/chaos has a whole run. */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { isAlive } from '../../../e2e/run-process.ts';
import { environmentWith } from '../../../shared/src/core/config.ts';
import { until } from '../../../shared/src/core/until.ts';
import { removeLeftFolders } from '../../compare/chain.ts';
import { startChild } from '../../processes/child.ts';
import { type ComparisonStatus, usualComparison } from '../../server/comparison.ts';
import { createComparisons } from '../../server/comparisons.ts';
import { startLab, type TestLab } from '../support/labs.ts';
import { pidsOf } from '../support/pids-of.ts';

const away = 'http://127.0.0.1:1';
const latest = '/api/comparisons/latest';

const statusOf = async (lab: TestLab) => (await (await lab.ask('GET', latest)).json()) as ComparisonStatus;

it('before the first comparison there is none, and one can be run', async () => {
  const lab = await startLab([['order', away]]);
  expect(await statusOf(lab)).toEqual({
    ...{ state: 'none', unavailable: null, why: null, startedAt: null, settings: null, report: null },
  });
});

it('runs one at a time, and a cancelled one leaves no process behind', async () => {
  const lab = await startLab([['order', away]]);
  const started = await lab.ask('POST', '/api/comparisons', { body: { fault: 'down', seconds: 6 } });
  expect([started.status, await started.json()]).toMatchObject([
    202,
    { state: 'running', settings: { what: 'breaker', fault: 'down', seconds: 6, ratePerSecond: 10 } },
  ]);
  await until('it says that it starts', async () => (await statusOf(lab)).report?.phase === 'starting');

  const second = await lab.ask('POST', '/api/comparisons', { body: {} });
  expect([second.status, await second.json()]).toMatchObject([
    503,
    { detail: 'A comparison is running already; wait for its end, or cancel it.' },
  ]);

  await until('a process of a chain is there', () => pidsOf('embedded-mongo').length > 0);
  const cancelled = await lab.ask('DELETE', latest, { body: {} });
  expect([cancelled.status, await cancelled.json()]).toMatchObject([
    200,
    { state: 'cancelled', why: 'It was cancelled.' },
  ]);
  await until('every process has ended', () => pidsOf('/main.ts').length === 0);
  const again = await lab.ask('DELETE', latest, { body: {} });
  expect([again.status, await again.json()]).toMatchObject([200, { state: 'cancelled' }]);
});

it('a comparison with wrong settings is refused with every fault, and nothing starts', async () => {
  const lab = await startLab([['order', away]]);
  const answer = await lab.ask('POST', '/api/comparisons', { body: { fault: 'fire', ratePerSecond: 0 } });
  expect([answer.status, await answer.json()]).toMatchObject([
    422,
    {
      errors: [
        { pointer: '/fault', detail: 'Must be one of slow, down, flaky, hang.' },
        { pointer: '/ratePerSecond', detail: 'Must be a whole number from 2 to 60.' },
      ],
    },
  ]);
  expect((await statusOf(lab)).state).toBe('none');
});

it('with a token a comparison is started, looked at and cancelled only by who has it', async () => {
  const lab = await startLab([['order', away]], { env: { LAB_TOKEN: 'a-long-secret' } });
  const asked = [
    await lab.ask('POST', '/api/comparisons', { body: {} }),
    await lab.ask('GET', latest),
    await lab.ask('DELETE', latest, { body: {} }),
  ];
  expect(asked.map(({ status }) => status)).toEqual([401, 401, 401]);
});

it('a page of another origin cannot start one', async () => {
  const lab = await startLab([['order', away]]);
  const headers = { Origin: 'http://evil.example' };
  expect((await lab.ask('POST', '/api/comparisons', { body: {}, headers })).status).toBe(403);
});

it('a lab without the services says why it can run none, and starts none', () => {
  const comparisons = createComparisons(Date.now, `${tmpdir()}/nowhere/`);
  const why =
    'This lab has no embedded-mongo/src/main.ts, so it cannot start chains of its own; npm run compare does it from a clone.';
  expect(comparisons.status()).toMatchObject({ state: 'none', unavailable: why });
  expect(() => comparisons.start(usualComparison)).toThrow(why);
});

it('when its process is killed its chains end by themselves, and the next one removes their folders', async () => {
  const script = fileURLToPath(new URL('../../compare/process.ts', import.meta.url));
  const args = [script, JSON.stringify(usualComparison)];
  const killed = startChild({ command: process.execPath, args, env: environmentWith({}) });
  const folders = () =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`holdfast-compare-${killed.pid}-`));
  await until(
    'both databases are there',
    () => pidsOf('embedded-mongo').length === 2 && folders().length === 2,
  );
  const left = pidsOf('').filter((pid) => pid !== killed.pid);
  killed.signal('SIGKILL');
  await killed.ended;
  await until('every process has ended', () => !left.some(isAlive));
  expect(folders()).toHaveLength(2);
  removeLeftFolders();
  expect(folders()).toEqual([]);
});
