/**
 * The kinds of step that `npm test` has: a command that is good or bad, a vitest project that counts its tests, and a
 * script that counts for itself.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How many checks went well and how many did not. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a command of `node_modules/.bin`; it counts as one check. */
export async function runCommand(command: string, args: readonly string[]): Promise<Count> {
  return (await run(command, args)) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Runs one vitest project and counts its tests; `reports` is a folder for its result. */
export async function runTests(project: string, reports: string): Promise<Count> {
  const file = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const isGood = await run('vitest', ['run', '--project', project, ...reporters]);
  const { numPassedTests: passed, numFailedTests } = readReport(file);
  const failed = isGood && passed > 0 ? numFailedTests : Math.max(1, numFailedTests);
  return { passed, failed };
}

/** Runs a script that counts its own checks and writes them to the file behind `--report`. */
export async function runScript(script: string, reports: string): Promise<Count> {
  const file = join(reports, 'script.json');
  rmSync(file, { force: true });
  const isGood = await run('node', [script, '--report', file]);
  const { passed, failed } = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Count)
    : { passed: 0, failed: 0 };
  return { passed, failed: isGood && passed > 0 ? failed : Math.max(1, failed) };
}

function run(command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(join(root, 'node_modules/.bin', command), args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/** A run that broke before its first test leaves no report. */
function readReport(file: string): { numPassedTests: number; numFailedTests: number } {
  if (!existsSync(file)) return { numPassedTests: 0, numFailedTests: 0 };
  return JSON.parse(readFileSync(file, 'utf8')) as { numPassedTests: number; numFailedTests: number };
}
