/**
 * `npm test`: every check one after another, then one line `N passed, N failed, N skipped` over all of them.
 *
 * With names of steps as arguments only those run, as in `npm run check`. A step that ends badly without a failed test,
 * or that finds no test, counts as one failure, so that a suite cannot vanish unnoticed. Missing programs are installed
 * where that needs no confirmation; otherwise the tests that need them are skipped, and the last lines say so.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, parseCommandLine, readArguments } from '../shared/src/core/command-line.ts';
import { announce, complain } from '../shared/src/observability/log.ts';
import { type Result, toClosingLines } from './closing-lines.ts';
import { installPrograms } from './install-programs.ts';
import { findManager, type ProgramName } from './programs/programs.ts';
import { type Count, runCommand, runScript, runTests } from './steps.ts';

const reports = mkdtempSync(join(tmpdir(), 'holdfast-test-'));

const steps: Record<string, () => Promise<Count>> = {
  lint: () => runCommand('biome', ['check', '.']),
  // The page has types of its own: globals of a browser (`document`, `name`) must be errors elsewhere.
  types: async () =>
    add(await runCommand('tsc', ['-p', '.']), await runCommand('tsc', ['-p', 'lab/dashboard'])),
  unit: () => runTests('unit', reports),
  contract: () => runTests('contract', reports),
  component: () => runTests('component', reports),
  hostile: () => runTests('hostile', reports),
  simulation: () => runTests('simulation', reports),
  e2e: () => runTests('e2e', reports),
  http: () => runScript('scripts/tour.ts', reports),
  browser: () => runTests('browser', reports),
  chaos: () => runTests('chaos', reports),
};

/** What the steps need beside npm's packages. */
const needs: Record<string, ProgramName[]> = { e2e: ['haproxy', 'nginx', 'script'], browser: ['chromium'] };

const command = {
  name: 'npm test',
  does: 'Runs every check one after another, then prints one line over all of them: N passed, N failed, N skipped.',
  options: {},
  operands: {
    value: 'STEP',
    what: 'step',
    about: `only these steps: ${Object.keys(steps).join(', ')}`,
    count: 'many',
  },
  example: 'npm test -- lint types unit',
  notes: 'Exit code 1: something failed, or nothing was tested.',
} satisfies Command;

const asked = readArguments(command, (args) => parseCommandLine(command, args).operands, {
  announce,
  complain,
});
const unknown = asked.filter((name) => !Object.hasOwn(steps, name));
if (unknown.length > 0) {
  complain(`There is no step ${unknown.join(', ')}; the steps are ${Object.keys(steps).join(', ')}.`);
  process.exit(2);
}

const names = Object.keys(steps).filter((name) => asked.length === 0 || asked.includes(name));
await installPrograms(names.flatMap((name) => needs[name] ?? []));

const results: Result[] = [];
for (const name of names) {
  announce(`\n── ${name} ──`);
  const startedAt = performance.now();
  const count = await (steps[name] as () => Promise<Count>)();
  results.push({ name, ...count, seconds: ((performance.now() - startedAt) / 1000).toFixed(1) });
}
rmSync(reports, { recursive: true });

announce('');
for (const line of toClosingLines(results, findManager())) announce(line);
const isGood = results.every(({ failed }) => failed === 0) && results.some(({ passed }) => passed > 0);
process.exit(isGood ? 0 : 1);

function add(one: Count, other: Count): Count {
  return { ...one, passed: one.passed + other.passed, failed: one.failed + other.failed };
}
