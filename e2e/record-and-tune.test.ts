/** Calls of a running chain are recorded, read and tuned on, each by its command, as docs/traces.md and docs/tune.md say. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Chain, startChain } from './chain.ts';
import { ask } from './requests.ts';
import { runNode } from './run-process.ts';

let chain: Chain;
beforeAll(async () => {
  chain = await startChain({ LAB: '1' });
});
afterAll(() => chain.stop());

const run = async (script: string, ...args: string[]) => {
  const child = runNode(script, { PORT_BASE: `${chain.portBase}` }, args);
  const code = await child.ended;
  return { code, out: child.stdout.join('\n'), err: child.stderr.join('\n') };
};
const askLab = (method: string, path: string, body: object) =>
  ask(`${chain.url('lab')}${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

it('calls of a hop are recorded into a file that `trace` reads and `tune` takes', async () => {
  const file = join(chain.dataDir, 'calls.jsonl');
  expect((await askLab('PUT', '/api/traffic', { on: true, ratePerSecond: 20 })).status).toBe(200);
  const recorded = await run(
    'lab/record/main.ts',
    '--for',
    'order->payment',
    '--seconds',
    '4',
    '--out',
    file,
  );
  expect(recorded).toMatchObject({ code: 0, out: expect.stringMatching(/: \d+ calls of order→payment\.$/) });
  expect(Number(/: (\d+) calls/.exec(recorded.out)?.[1])).toBeGreaterThan(40);

  const read = await run('lab/traces/main.ts', file);
  expect(read).toMatchObject({ code: 0, out: expect.stringContaining('No fault was found.') });

  const tuned = await run(
    'lab/tune/main.ts',
    ...['--trace', file, '--fault', 'down:2s@1s', '--seconds', '12', '--settings', '16'],
  );
  expect([0, 2]).toContain(tuned.code);
  expect(tuned.out).toMatch(/^Again: npm run tune -- --trace .* --fault down:2s@1s/m);
});

it('a recording without its lab is one sentence', async () => {
  const lab = 'http://127.0.0.1:1';
  expect(await run('lab/record/main.ts', '--for', 'order->payment', '--lab', lab)).toMatchObject({
    ...{ code: 2, out: '' },
    err: `No lab answers at ${lab}; npm start runs a chain with one, and --lab names another.`,
  });
});
