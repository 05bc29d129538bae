/** `npm run experiment` as a command: a short experiment on real processes, its exit codes, and its end. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { runNode } from '../../../e2e/run-process.ts';
import { until } from '../../../shared/src/core/until.ts';
import type { Experiment } from '../../experiment/schema.ts';
import type { ExperimentResult } from '../../server/experiment.ts';
import { pidsOf } from '../support/pids-of.ts';

const script = fileURLToPath(new URL('../../experiment/main.ts', import.meta.url));
const allTime = 240_000;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-experiment-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const experiment: Experiment = {
  title: 'A neighbour that fails half of the time, and one that does not',
  hypothesis: { measure: 'failed', of: 'experiment', atMost: 0.5, times: 'control' },
  load: { ratePerSecond: 20, arrivals: 'even' },
  seconds: 2,
  repeats: 3,
  policy: { attempts: 1, breaker: null },
  neighbour: { serviceMs: 5 },
  arms: { control: { neighbour: { errorRatio: 0.5 } }, experiment: {} },
};
const wrong: Experiment = {
  ...experiment,
  hypothesis: { measure: 'failed', of: 'control', atMost: 1, times: 'experiment' },
};

describe('an experiment', () => {
  it('in real time: ends with 0 when its hypothesis holds, and says so', {
    timeout: allTime,
  }, async () => {
    const report = join(folder, 'report.html');
    const held = await run(write('held.json', experiment), '--json', '--report', report);
    const result = JSON.parse(held.out) as ExperimentResult;
    // On a machine that is too busy there is no verdict, which is right as well.
    expect([held.code, result.judgement.verdict]).toEqual(
      result.busy === null ? [0, 'better'] : [2, 'inconclusive'],
    );
    expect(result.runs).toHaveLength(6);
    const failed = result.measures.find(({ name }) => name === 'failed')?.values;
    expect(Math.min(...(failed?.control ?? []).map(Number))).toBeGreaterThan(0.2);
    expect(readFileSync(report, 'utf8')).toContain(result.judgement.sentence.slice(0, 9));
    expect(held.err).toContain('Hypothesis: failed share of experiment at most 0.5 × that of control.');
    expect(pidsOf('testbed/')).toEqual([]);
  });

  it('ends with 1 when it is broken in virtual time', async () => {
    const { code, out } = await run(write('wrong.json', wrong), '--model');
    expect([code, out]).toEqual([1, expect.stringContaining('Broken: the failed share of control was')]);
  });

  it('that is none ends with 3 and every mistake', async () => {
    const bad = { ...experiment, secnds: 3, seconds: 'x', faults: ['down'] };
    const { code, out, err } = await run(write('bad.json', bad));
    expect([code, out]).toEqual([3, '']);
    expect(err.split('\n').filter((line) => /^\S+: /.test(line))).toEqual([
      'seconds: Must be a number from 1 to 600.',
      expect.stringMatching(/^faults\[0\]: Must be slow:3x:10s/),
      'secnds: Is not known here: did you mean seconds?',
    ]);
    writeFileSync(join(folder, 'broken.json'), '{"title": ');
    expect(await run(join(folder, 'broken.json'))).toMatchObject({
      code: 3,
      err: expect.stringContaining('broken.json cannot be read: Unexpected end of JSON input'),
    });
  });

  it('may be TypeScript, under any name of its export', async () => {
    const file = join(folder, 'own.ts');
    writeFileSync(file, `export const mine: unknown = ${JSON.stringify(wrong)};`);
    expect((await run(file, '--model', '--repeats', '4')).code).toBe(1);
  });

  it('in real time: leaves no process behind when it is interrupted', async () => {
    const child = runNode(script, {}, ['fallback']);
    await until('its processes run', () => pidsOf('testbed/').length > 0);
    child.signal('SIGINT');
    expect(await child.ended).toBe(130);
    await until('every process has ended', () => pidsOf('testbed/').length === 0);
  });
});

function write(name: string, value: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(value));
  return file;
}

async function run(...args: string[]): Promise<{ code: number | string; out: string; err: string }> {
  const child = runNode(script, {}, args);
  const code = await child.ended;
  return { code, out: child.stdout.join('\n'), err: child.stderr.join('\n') };
}
