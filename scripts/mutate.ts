/**
 * `npm run mutate`: changes the core in thousands of small ways, and counts how many of them the tests notice.
 *
 * It works on a copy of the tree under coverage/ (docs/mutation.md). Ends with 1 below the least score, and with 2 when
 * there is no result.
 */
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Stryker } from '@stryker-mutator/core';
import { type Command, parseCommandLine, readArguments } from '../shared/src/core/command-line.ts';
import { freeText, wholeNumber } from '../shared/src/core/command-options.ts';
import { announce, complain } from '../shared/src/observability/log.ts';
import { coreModules, leastScore, toGlob } from './mutate/core.ts';
import { toScore, toScores, toSurvivors, toTable } from './mutate/verdicts.ts';

/** Where the mutated copies of the tree are made. */
const copies = 'coverage/mutation';

const command = {
  name: 'npm run mutate',
  does: 'Changes the core in thousands of small ways, and counts how many of them the tests notice.',
  options: {
    tests: freeText({
      value: 'KIND,…',
      range: 'some of unit, contract, histories, parts, component',
      about: 'only these tests: some of unit, contract, histories, parts, component; all without it',
    }),
    workers: wholeNumber({
      ...{ min: 1, max: 1024, fallback: availableParallelism() },
      about: 'mutants that are tested at once, by default one for each core',
    }),
  },
  operands: {
    value: 'FILE',
    what: 'file',
    about: 'mutates only these files or globs; without one it is the whole core',
    count: 'many',
  },
  example: 'npm run mutate -- shared/src/resilience/breaker.ts --tests unit',
  notes:
    'Every mutant that survives is listed with its place, then the score of each file. All of it, with the tests that ran ' +
    `it, is in coverage/mutation.html. Exit code 1: below ${leastScore} %. 2: nothing could be said. One run at a time: its ` +
    'copy of the tree is coverage/mutation.',
} satisfies Command;

const { values, operands: files } = readArguments(command, (args) => parseCommandLine(command, args), {
  announce,
  complain,
});
if (values.tests !== undefined) process.env.MUTATE_TESTS = values.tests;

// A run that was interrupted leaves its copy behind.
rmSync(copies, { recursive: true, force: true });
const mutants = await new Stryker({
  mutate: files.length > 0 ? [...files] : coreModules.map(toGlob),
  concurrency: values.workers,
  testRunner: 'vitest',
  // As in npm test: in a thread, a test cannot set the time zone.
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
  .catch((error: Error) => end(`No mutant was tested. ${error.message}`));

if (mutants.length === 0) end(`There is nothing to mutate in ${files.join(', ')}.`);
const all = toScore('all', mutants);
announce(`\n${toSurvivors(mutants).join('\n')}\n\n${toTable([...toScores(mutants), all])}`);
process.exit(all.score >= leastScore ? 0 : 1);

function end(sentence: string): never {
  complain(sentence);
  process.exit(2);
}
