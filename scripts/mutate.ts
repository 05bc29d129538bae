/**
 * `npm run mutate`: changes the core in thousands of small ways, and counts how many of them the tests notice.
 *
 * It works on a copy of the tree under coverage/ (docs/mutation.md). Ends with 1 below the least score, and with 2 when
 * nothing could be said.
 */
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { announce, complain } from '../shared/src/observability/log.ts';
import { coreModules, leastScore, toGlob } from './mutate/core.ts';
import { toScore, toScores, toSurvivors, toTable } from './mutate/verdicts.ts';

/** Where the mutated copies of the tree are made. */
const copies = 'coverage/mutation';

const help = `npm run mutate -- [FILE...] [--tests KIND,KIND] [--workers N]

  FILE          mutates only these files or globs, as in npm run mutate -- shared/src/resilience/breaker.ts;
                without one it is the whole core
  --tests KIND  only these tests, as in --tests unit; the kinds are unit, contract, histories, parts, component
  --workers N   mutants that are tested at once; ${availableParallelism()} (one for each core) when nothing is said
  --help        says this

Every mutant that survives is listed with its place, then the score of each file. All of it, with the tests that came
by, is in coverage/mutation.html. The exit code is 1 below ${leastScore} %, and 2 when nothing could be said.
One run at a time: its copy of the tree is coverage/mutation.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    tests: { type: 'string' },
    workers: { type: 'string', default: `${availableParallelism()}` },
  },
});
if (values.help) {
  announce(help);
  process.exit();
}
const workers = Number(values.workers);
if (!Number.isInteger(workers) || workers < 1) {
  trip(`--workers ${values.workers} is not legal: it must be a whole number from 1 on.`);
}
if (values.tests !== undefined) process.env.MUTATE_TESTS = values.tests;

// A run that was interrupted leaves its copy behind.
rmSync(copies, { recursive: true, force: true });
const mutants = await new Stryker({
  mutate: positionals.length > 0 ? positionals : coreModules.map(toGlob),
  concurrency: workers,
  testRunner: 'vitest',
  // As in npm test: in a thread, what a test says of the time zone holds for nobody.
  vitest: { configFile: 'vitest.mutate.config.ts', pool: 'forks' },
  coverageAnalysis: 'perTest',
  plugins: ['@stryker-mutator/vitest-runner', './scripts/mutate/ignored.ts'],
  ignorers: ['holdfast'],
  // Stryker would rewrite the paths in it with TypeScript's own API, which TypeScript 7 does not have. There are none.
  tsconfigFile: 'none',
  tempDirName: copies,
  reporters: ['progress-append-only', 'html', 'json'],
  htmlReporter: { fileName: 'coverage/mutation.html' },
  jsonReporter: { fileName: 'coverage/mutation.json' },
  allowConsoleColors: false,
})
  .runMutationTest()
  .catch((error: Error) => trip(`No mutant was tested. ${error.message}`));

if (mutants.length === 0) trip(`There is nothing to mutate in ${positionals.join(', ')}.`);
const all = toScore('all', mutants);
announce(`\n${toSurvivors(mutants).join('\n')}\n\n${toTable([...toScores(mutants), all])}`);
process.exit(all.score >= leastScore ? 0 : 1);

function trip(sentence: string): never {
  complain(sentence);
  process.exit(2);
}
