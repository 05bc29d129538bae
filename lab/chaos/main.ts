/**
 * `npm run chaos -- --seconds 60 --seed 1`: kills and pauses processes, and checks that no order is lost or doubled.
 * `-- --slow-database` delays the database instead, `-- --overload` sends ten times what it can carry (with `--slow
 * neighbour` or `--slow database` while that is slow, with `--connections new` on one for each order), `-- --soak` looks for growth.
 *
 * Exit code 1: a promise was broken, or too little happened to mean anything. 2: it could not be run. Its processes end
 * with it.
 */
import { type Command, parseCommandLine, readArguments } from '@holdfast/shared/core/command-line.ts';
import { toggle, wholeNumber, word } from '@holdfast/shared/core/command-options.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { runOverload, slowParts } from './overload.ts';
import { findWeaknesses, toChaosLines } from './report.ts';
import { type ChaosResult, runChaos } from './run.ts';
import { runSlowDatabase } from './slow-database.ts';
import { runSoak } from './soak.ts';
import { connectionKinds } from './wire-client.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const command = {
  name: 'npm run chaos',
  does:
    'Starts a chain of its own, kills and cuts its parts at random while customers order, and proves that no order is lost ' +
    'or doubled.',
  options: {
    'slow-database': toggle('delays the database instead'),
    overload: toggle('sends ten times what the chain can carry instead'),
    slow: word(slowParts, { value: 'PART', fallback: 'nobody', about: 'what is slow during the overload' }),
    connections: word(connectionKinds, {
      value: 'KIND',
      fallback: 'kept',
      about: 'whether an overload uses connections again',
    }),
    soak: toggle('looks for growth of memory and handles instead'),
    seconds: wholeNumber({
      ...{ min: 1, max: 86_400 },
      about: 'length of the run: 60 by default, 8 with --overload, 300 with --soak',
    }),
    seed: wholeNumber({ min: 0, max: 2 ** 31, fallback: 1, about: 'decides what happens when' }),
    rate: wholeNumber({ min: 1, max: 500, about: 'orders a second: 40 by default, 5 with --slow-database' }),
  },
  example: 'npm run chaos -- --seconds 30 --seed 7',
  notes:
    'Exit code 1: a promise was broken, or too little happened to mean anything. 2: it could not be run.',
} satisfies Command;

const { overload, slow, connections, soak, seed, ...values } = readArguments(
  command,
  (args) => parseCommandLine(command, args).values,
  { announce, complain },
);
const seconds = values.seconds ?? (overload ? 8 : soak ? 300 : 60);
const rate = values.rate ?? (values['slow-database'] ? 5 : 40);
try {
  if (overload) end(await runOverload({ seconds, seed, slow, connections }));
  else if (values['slow-database']) end(await runSlowDatabase({ seconds, seed, rate }));
  else if (soak) end(await runSoak(seconds, seed, rate));
  else endChaos(await runChaos({ seconds, seed, rate }));
} catch (error) {
  complain(`The run could not be made: ${error instanceof Error ? error.message : error}`);
  process.exit(2);
}

function endChaos(result: ChaosResult): never {
  const weaknesses = findWeaknesses(result);
  announce([...toChaosLines(result), ...weaknesses].join('\n'));
  process.exit(result.violations.length + weaknesses.length === 0 ? 0 : 1);
}

function end(result: { readonly violations: readonly string[] }): never {
  announce(JSON.stringify(result, undefined, 2));
  process.exit(result.violations.length === 0 ? 0 : 1);
}
