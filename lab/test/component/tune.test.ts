/** `npm run tune` as a process: verdict, words and exit code; small searches of easy scenarios. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '@holdfast/shared/core/config.ts';
import { expect, it } from 'vitest';
import { createTemporaryFolder } from '../../chaos/temporary-folder.ts';
import type { TuneResult } from '../../tune/result.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs the command. */
function tune(
  args: readonly string[],
  LAB_DATA_DIR = '',
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((resolve) => {
    const env = environmentWith({ LAB_DATA_DIR });
    const child = execFile(
      process.execPath,
      ['lab/tune/main.ts', ...args],
      { cwd: root, env },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

/** Five workers of 100 ms serve 50 a second; slowed three times they serve 17, and 40 come. */
const breaking = [
  '--fault',
  'slow:3x:5s@5s',
  '--rate',
  '40',
  '--workers',
  '5',
  '--service',
  '100ms',
  '--seconds',
  '30',
];

it('finds better settings where those of today are bad, and says how to take them over', {
  timeout: 120_000,
}, async () => {
  const folder = await createTemporaryFolder('holdfast-tune-');
  const report = join(folder.path, 'report.html');
  const { code, out } = await tune([...breaking, '--settings', '48', '--report', report], folder.path);
  expect(out).toMatch(
    /^40 calls a second for 30 s, with a deadline of 4 s, to 1 instance with 5 workers of 100ms a call\./,
  );
  expect(out).toMatch(/^64 settings in \d+ trials took [\d.]+ s on \d+ threads? /m);
  expect(out).toMatch(/^\| {2,}\| current +\| 1st /m);
  expect(out).toMatch(/^1st: against the current settings it fails \d+ calls fewer/m);
  expect(out).toMatch(/\nChange [^:]+ → [^:]+: [\d,]+ of [^\n]+\n$/);
  expect(out).toMatch(/^BREAKER_THRESHOLD_RATIO=[\d.]+$/m);
  expect(out).toContain('const pipeline = createPipeline({');
  expect(out).toContain(
    `Again: npm run tune -- ${breaking.join(' ')} --settings 48 --report ${report} --seed 1`,
  );
  const kept: TuneResult = JSON.parse(readFileSync(join(folder.path, 'tune/neighbour.json'), 'utf8'));
  expect(kept).toMatchObject({ hop: 'neighbour', source: 'fault', seed: 1, best: expect.any(Array) });
  expect(kept.current.outcome.failed).toBeGreaterThan(
    kept.best[0]?.outcome.failed ?? Number.POSITIVE_INFINITY,
  );
  expect(Object.keys(kept.why).length).toBeGreaterThan(0);
  const html = readFileSync(report, 'utf8');
  for (const part of [
    'class="ring"',
    'class="span fault"',
    'class="span open"',
    'class="dot look-0"',
    'npm run tune',
  ])
    expect(html).toContain(part);
  await folder.remove();
  expect(code).toBe(0);
});

it('says that there is nothing to change where nothing breaks, and ends with 2', {
  timeout: 120_000,
}, async () => {
  const { code, out } = await tune([
    '--fault',
    'slow:2x:3s@3s',
    '--rate',
    '10',
    '--seconds',
    '20',
    '--settings',
    '16',
  ]);
  expect(out).toMatch(/^Nothing to change: /m);
  expect(out).not.toContain('BREAKER_THRESHOLD_RATIO');
  expect(code).toBe(2);
});

it('ends with 3 after a bad call, and with 0 after its help', async () => {
  const bad = await tune(['--rate', '80']);
  expect(bad).toMatchObject({ code: 3, out: '' });
  expect(bad.err).toMatch(/^There is no fault: /);
  const impossible = await tune(['--fault', 'down:5s', '--rate', '5000']);
  expect(impossible).toMatchObject({ code: 3, out: '' });
  expect(impossible.err).toMatch(/^No setting can help: 5000 calls a second come/);
  const help = await tune(['--help']);
  expect(help.out).toMatch(/^Usage: npm run tune -- /);
  expect(help.code).toBe(0);
});
