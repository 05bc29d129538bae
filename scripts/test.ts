/**
 * `npm test`: every check one after another, then one line `N passed, N failed` over all of them.
 *
 * With names of steps as arguments only those run, as in `npm run check`. A step that ends badly without a failed test
 * of its own, or that finds no test at all, counts as one failure: a suite must not vanish unnoticed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announce, complain } from '../shared/src/telemetry/log.ts';
import { type Count, runCommand, runScript, runTests } from './steps.ts';

const reports = mkdtempSync(join(tmpdir(), 'holdfast-test-'));

const steps: Record<string, () => Promise<Count>> = {
  lint: () => runCommand('biome', ['check', '.']),
  // The page has types of its own: what a browser knows (`document`, `name`) must not pass unnoticed elsewhere.
  types: async () =>
    add(await runCommand('tsc', ['-p', '.']), await runCommand('tsc', ['-p', 'lab/dashboard'])),
  unit: () => runTests('unit', reports),
  contract: () => runTests('contract', reports),
  component: () => runTests('component', reports),
  simulation: () => runTests('simulation', reports),
  e2e: () => runTests('e2e', reports),
  http: () => runScript('scripts/tour.ts', reports),
  browser: () => runTests('browser', reports),
  chaos: () => runTests('chaos', reports),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(steps, name));
if (unknown.length > 0) {
  complain(`There is no step ${unknown.join(', ')}; the steps are ${Object.keys(steps).join(', ')}.`);
  process.exit(2);
}

const results: (Count & { name: string; seconds: string })[] = [];
for (const [name, run] of Object.entries(steps)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  announce(`\n── ${name} ──`);
  const startedAt = performance.now();
  const count = await run();
  results.push({ name, ...count, seconds: ((performance.now() - startedAt) / 1000).toFixed(1) });
}
rmSync(reports, { recursive: true });

announce('');
for (const { name, passed, failed, seconds } of results) {
  announce(
    `${name.padEnd(10)} passed ${`${passed}`.padStart(4)}   failed ${`${failed}`.padStart(3)}   ${seconds.padStart(5)} s`,
  );
}
const sum = (key: 'passed' | 'failed') => results.reduce((total, result) => total + result[key], 0);
announce(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);

function add(one: Count, other: Count): Count {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed };
}
