/**
 * `npm run conformance`: writes docs/breaker-conformance.md from the results of the conformance suite, which it runs for that.
 *
 * `--check` writes nothing and ends with 1 when the page is stale. Ends with 1, too, when a case failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, parseCommandLine, readArguments } from '../shared/src/core/command-line.ts';
import { toggle } from '../shared/src/core/command-options.ts';
import { announce, complain } from '../shared/src/observability/log.ts';
import { type Cell, toMatrix } from '../shared/test/contract/breaker/matrix.ts';

const command = {
  name: 'npm run conformance',
  does: 'Writes docs/breaker-conformance.md from the results of the conformance suite, which it runs for that.',
  options: { check: toggle('writes nothing, and ends with 1 when the page is stale') },
  example: 'npm run conformance -- --check',
  notes: 'Exit code 1: a case failed, or the page is stale.',
} satisfies Command;
const { check } = readArguments(command, (args) => parseCommandLine(command, args).values, {
  announce,
  complain,
});

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'docs/breaker-conformance.md');

const results = runSuite().filter((result) => result.meta?.conformance !== undefined);
const failed = results.filter(({ status }) => status !== 'passed');
if (results.length === 0 || failed.length > 0) {
  end(
    1,
    `Not written, ${failed.length} of ${results.length} cases failed: ${failed.map(({ fullName }) => fullName).join('; ')}`,
  );
}
const matrix = toMatrix(results.flatMap(({ meta }) => meta?.conformance ?? []));
if (!check) {
  writeFileSync(page, matrix);
  end(0, `${results.length} cases written to docs/breaker-conformance.md`);
}
const isFresh = readFileSync(page, 'utf8') === matrix;
end(
  isFresh ? 0 : 1,
  isFresh ? 'docs/breaker-conformance.md is up to date' : 'docs/breaker-conformance.md is stale',
);

interface Result {
  readonly fullName: string;
  readonly status: string;
  readonly meta?: { readonly conformance?: Cell };
}

function runSuite(): Result[] {
  const folder = mkdtempSync(join(tmpdir(), 'breaker-conformance-'));
  const report = join(folder, 'report.json');
  const suite = 'shared/test/contract/breaker/conformance.test.ts';
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const flags = ['run', '--project', 'contract', suite, '--reporter=json', `--outputFile=${report}`];
  try {
    spawnSync(process.execPath, [vitest, ...flags], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
      testResults: { assertionResults: Result[] }[];
    };
    return testResults.flatMap(({ assertionResults }) => assertionResults);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function end(code: number, sentence: string): never {
  announce(sentence);
  process.exit(code);
}
