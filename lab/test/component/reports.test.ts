/** `--report FILE` of the commands: refused before anything starts, written after a run and after a failed one. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runProcess } from '../../../e2e/run-process.ts';
import type { Report } from '../../report/report.ts';

const folder = await mkdtemp(join(tmpdir(), 'holdfast-reports-'));
afterAll(() => rm(folder, { recursive: true }));

async function run(script: string, args: readonly string[], env: Record<string, string> = {}) {
  const running = runProcess(process.execPath, [script, ...args], env);
  const code = await running.ended;
  return { code, out: running.stdout, err: running.stderr };
}

async function readReport(name: string): Promise<Report> {
  return JSON.parse(await readFile(join(folder, name), 'utf8'));
}

it.each(['chaos', 'canary', 'three-places', 'bench'])(
  '%s says before it starts that there is no such folder',
  async (name) => {
    const file = join(folder, 'gone', 'run.html');
    const { code, out, err } = await run(`lab/${name}/main.ts`, ['--report', file]);
    expect({ code, out, err }).toEqual({
      ...{ code: 2, out: [] },
      err: [`--report ${file} cannot be written: there is no folder ${join(folder, 'gone')}.`],
    });
  },
);

it('a short chaos writes what happened: charts, kills as marks, the ledger of its audit', async () => {
  const file = join(folder, 'chaos.json');
  const args = ['--seconds', '4', '--seed', '3', '--rate', '10', '--report', file];
  const { out, err } = await run('lab/chaos/main.ts', args);
  expect(err).toContain(`The report is ${file}.`);
  const report = await readReport('chaos.json');
  expect(report.title).toBe('Chaos: processes killed at random');
  expect(out.join('\n')).toMatch(/^violations {2}0$/m);
  const ledger = Object.fromEntries(report.ledger.map(({ name, value }) => [name, value]));
  expect(ledger).toMatchObject({ lost: 0, doubled: 0, pending: 0 });
  const completed = /(\d+) completed/.exec(out.join('\n'))?.[1];
  expect(ledger.completed).toBe(Number(completed));
  expect(report.charts.map(({ title }) => title)).toEqual(['Orders', 'Not ended']);
  const [orders] = report.charts;
  const sent = orders?.lines.find(({ name }) => name === 'sent')?.points ?? [];
  expect(sent.length).toBeGreaterThanOrEqual(4);
  expect(orders?.spans.some(({ label }) => / killed$/.test(label))).toBe(true);
  expect(report.settings).toContainEqual({ name: 'seed', value: 3 });
  expect(JSON.stringify(report)).not.toContain(folder);
});

it('a run that could not be made has a report of why', async () => {
  const missing = { HAPROXY: '/nowhere/haproxy', NGINX: '/nowhere/nginx' };
  for (const name of ['canary', 'three-places']) {
    const file = join(folder, `${name}.json`);
    const { code } = await run(`lab/${name}/main.ts`, ['--report', file], missing);
    expect(code).toBe(2);
    const { verdict } = await readReport(`${name}.json`);
    expect(verdict).toEqual({
      isGood: false,
      text: expect.stringMatching(/is no file that can be executed/),
    });
  }
});

it('no half of a report is ever left behind', async () => {
  expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
});
