/**
 * `npm test`: every check, then one line `N passed, N failed, N skipped` over all of them.
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
import { type Count, type Output, runCommand, runScript, runTests } from './steps.ts';

const reports = mkdtempSync(join(tmpdir(), 'holdfast-test-'));

const steps: Record<string, (out: Output) => Promise<Count>> = {
  lint: (out) => runCommand('biome', ['check', '.'], out),
  // The page has types of its own: globals of a browser (`document`, `name`) must be errors elsewhere.
  types: async (out) =>
    add(await runCommand('tsc', ['-p', '.'], out), await runCommand('tsc', ['-p', 'lab/dashboard'], out)),
  unit: (out) => runTests('unit', reports, out),
  contract: (out) => runTests('contract', reports, out),
  component: (out) => runTests('component', reports, out),
  hostile: (out) => runTests('hostile', reports, out),
  simulation: (out) => runTests('simulation', reports, out),
  e2e: (out) => runTests('e2e', reports, out),
  http: (out) => runScript('scripts/tour.ts', reports, out),
  browser: (out) => runTests('browser', reports, out),
  chaos: (out) => runTests('chaos', reports, out),
};

/**
 * Steps that run beside another one, so that all takes less than ten minutes on two cores: component tests mostly wait.
 * Their output is printed after that of the other.
 */
const beside: Record<string, readonly string[]> = { component: ['simulation', 'http'] };

/** What the steps need beside npm's packages. */
const needs: Record<string, ProgramName[]> = { e2e: ['haproxy', 'nginx', 'script'], browser: ['chromium'] };

const command = {
  name: 'npm test',
  does: 'Runs every check, then prints one line over all of them: N passed, N failed, N skipped.',
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

const isBeside = (name: string) =>
  Object.entries(beside).some(([other, some]) => names.includes(other) && some.includes(name));

const results: Result[] = [];
for (const name of names.filter((one) => !isBeside(one))) {
  const others = runBuffered((beside[name] ?? []).filter((one) => names.includes(one)));
  announce(`\n── ${name} ──`);
  results.push(await runStep(name, 'inherit'));
  for (const { result, text } of await others) {
    announce(`\n── ${result.name} ──\n${text}`);
    results.push(result);
  }
}
results.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
rmSync(reports, { recursive: true });

announce('');
for (const line of toClosingLines(results, findManager())) announce(line);
const isGood = results.every(({ failed }) => failed === 0) && results.some(({ passed }) => passed > 0);
process.exit(isGood ? 0 : 1);

async function runStep(name: string, out: Output): Promise<Result> {
  const startedAt = performance.now();
  const count = await (steps[name] as (out: Output) => Promise<Count>)(out);
  return { name, ...count, seconds: ((performance.now() - startedAt) / 1000).toFixed(1) };
}

/** Runs steps one after another and keeps what they write. */
async function runBuffered(some: readonly string[]): Promise<{ result: Result; text: string }[]> {
  const ended = [];
  for (const name of some) {
    let text = '';
    const result = await runStep(name, (more) => {
      text += more;
    });
    ended.push({ result, text });
  }
  return ended;
}

function add(one: Count, other: Count): Count {
  return { ...one, passed: one.passed + other.passed, failed: one.failed + other.failed };
}
