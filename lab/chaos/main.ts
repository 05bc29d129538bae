/**
 * `npm run chaos -- --seconds 60 --seed 1`: kills and pauses processes, and checks that no order is lost or doubled.
 * `-- --slow-database` delays the database instead, `-- --overload` sends ten times what it can carry (with `--slow
 * neighbour` or `--slow database` while that is slow, with `--connections new` on one for each order), `-- --soak` looks for growth.
 *
 * Exit code 1: a promise was broken, or too little happened to mean anything. 2: it could not be run. Its processes end
 * with it.
 */
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { runOverload } from './overload.ts';
import { findWeaknesses, toChaosLines } from './report.ts';
import { type ChaosResult, runChaos } from './run.ts';
import { chaosCommand, readChaosPlan } from './settings.ts';
import { runSlowDatabase } from './slow-database.ts';
import { runSoak } from './soak.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const { kind, ...plan } = readArguments(chaosCommand, readChaosPlan, { announce, complain });
try {
  if (kind === 'overload') end(await runOverload(plan));
  else if (kind === 'slow-database') end(await runSlowDatabase(plan));
  else if (kind === 'soak') end(await runSoak(plan));
  else endChaos(await runChaos(plan));
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
