/**
 * The kinds of step that `npm test` has: a command that counts as one check, a vitest project, and a script that
 * reports its own counts.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The numbers of checks that passed, failed and were skipped. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Skipped checks by missing programs: `{ 'haproxy nginx': 9 }`. */
  readonly missing: Readonly<Record<string, number>>;
  /** The failed tests with their errors: `e2e/stop.test.ts > a title: AssertionError: expected 1 to be 2`. */
  readonly failures: readonly string[];
}

/** What is read of a report of vitest. */
export interface Report {
  readonly testResults: readonly {
    /** The test's file. */
    readonly name: string;
    /** Why the file itself could not run; empty when it could. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName?: string;
      readonly failureMessages?: readonly string[];
      readonly meta?: { readonly missing?: readonly string[] };
    }[];
  }[];
}

/** Where a step writes: to the terminal, or to a reader of its output. */
export type Output = 'inherit' | ((text: string) => void);

const nothing: Count = { passed: 0, failed: 0, skipped: 0, missing: {}, failures: [] };
const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a command of `node_modules/.bin`; it counts as one check. */
export async function runCommand(command: string, args: readonly string[], out: Output): Promise<Count> {
  return { ...nothing, ...((await run(command, args, out)) ? { passed: 1 } : { failed: 1 }) };
}

/** Runs one vitest project and counts its tests; `reports` is a folder for its result. */
export async function runTests(project: string, reports: string, out: Output): Promise<Count> {
  const file = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const isGood = await run('vitest', ['run', '--project', project, ...reporters], out);
  return withMissingFailure(
    existsSync(file) ? countTests(JSON.parse(readFileSync(file, 'utf8'))) : nothing,
    isGood,
  );
}

/** Runs a script that counts its own checks and writes them to the file behind `--report`. */
export async function runScript(script: string, reports: string, out: Output): Promise<Count> {
  const file = join(reports, 'script.json');
  rmSync(file, { force: true });
  const isGood = await run('node', [script, '--report', file], out);
  const counted = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Count>) : {};
  return withMissingFailure({ ...nothing, ...counted }, isGood);
}

/** Counts the tests of a report. */
export function countTests({ testResults }: Report): Count {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const failed = tests.filter(({ status }) => status === 'failed').length;
  const missing: Record<string, number> = {};
  for (const { status, meta } of tests) {
    if (status === 'passed' || status === 'failed' || meta?.missing === undefined) continue;
    const what = meta.missing.join(' ');
    missing[what] = (missing[what] ?? 0) + 1;
  }
  const failures = testResults.flatMap(toFailures);
  return { passed, failed, skipped: tests.length - passed - failed, missing, failures };
}

/** The failures of a file, a line each, for the end of CI's log. */
function toFailures({ name, message, assertionResults }: Report['testResults'][number]): string[] {
  const file = relative(root, name);
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  const lines = failed.map(
    ({ fullName, failureMessages }) => `${file} > ${fullName}: ${failureMessages?.[0] ?? ''}`,
  );
  if (message !== undefined && message !== '' && failed.length === 0) lines.push(`${file}: ${message}`);
  return lines.map((line) => line.split('\n', 1)[0] as string);
}

/** A step that ended badly, or ran no test without skipping any, has at least one failure. */
function withMissingFailure(count: Count, isGood: boolean): Count {
  const hasDone = count.passed + count.skipped > 0;
  return { ...count, failed: isGood && hasDone ? count.failed : Math.max(1, count.failed) };
}

function run(command: string, args: readonly string[], out: Output): Promise<boolean> {
  const stdio = out === 'inherit' ? out : 'pipe';
  const child = spawn(join(root, 'node_modules/.bin', command), args, {
    cwd: root,
    stdio: ['ignore', stdio, stdio],
  });
  if (out !== 'inherit') {
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', out);
  }
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}
