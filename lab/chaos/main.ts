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
import { toLedgerFacts } from '../audit/ledger-facts.ts';
import { endOnSignal, openJournal, toFacts } from '../report/journal.ts';
import { runOverload } from './overload.ts';
import { findWeaknesses, toChaosLines } from './report.ts';
import { type ChaosResult, runChaos } from './run.ts';
import { chaosCommand, readChaosPlan } from './settings.ts';
import { runSlowDatabase } from './slow-database.ts';
import { runSoak } from './soak.ts';
import {
  toAnswerTable,
  toChaosTables,
  toOverloadTables,
  toSoakTables,
  toVerdict,
  toViolationTable,
} from './to-report.ts';
import { watchRun } from './watch.ts';

const titles = {
  kills: 'Chaos: processes killed at random',
  'slow-database': 'Chaos: a slow database',
  overload: 'Chaos: ten times the load',
  soak: 'Chaos: a soak',
} as const;

const { kind, report, ...plan } = readArguments(chaosCommand, readChaosPlan, { announce, complain });
const journal = openJournal({
  title: titles[kind],
  settings: toFacts({ run: kind, ...plan }),
  file: report,
  say: complain,
});
endOnSignal(journal);
const watch = watchRun(plan.seconds, journal);
try {
  const { lines, isGood } = await run();
  watch.end();
  announce(lines);
  process.exit(isGood ? 0 : 1);
} catch (error) {
  watch.end();
  const why = `The run could not be made: ${error instanceof Error ? error.message : error}`;
  complain(why);
  journal.end({ text: why, isGood: false });
  process.exit(2);
}

/** Runs what was asked for, and writes its report. */
async function run(): Promise<{ lines: string; isGood: boolean }> {
  if (kind === 'kills') return endChaos(await runChaos(plan, watch));
  if (kind === 'slow-database') {
    const result = await runSlowDatabase(plan, watch);
    const { audit, answers, violations } = result;
    const tables = [toAnswerTable(answers), ...toViolationTable(violations)];
    journal.know({ ledger: toLedgerFacts(audit), tables });
    return end(result, `No order was lost or doubled while ${result.delayed} operations were delayed.`);
  }
  if (kind === 'overload') {
    const result = await runOverload(plan, watch);
    journal.know({ tables: toOverloadTables(result) });
    const { goodput, capacity } = result;
    return end(
      result,
      `It completed ${goodput.toFixed(0)} orders a second of its capacity of ${capacity.toFixed(0)} at ten times that load.`,
    );
  }
  const result = await runSoak(plan, watch);
  journal.know({ tables: toSoakTables(result) });
  return end(result, `Memory and open files did not grow in ${plan.seconds} s.`);
}

function endChaos(result: ChaosResult) {
  const weaknesses = findWeaknesses(result);
  const { violations, audit, acknowledged, disruptions } = result;
  const kills = Object.values(disruptions.kills).reduce((sum, count) => sum + count, 0);
  const good = `No order was lost or doubled: ${acknowledged} were acknowledged while processes were killed ${kills} times.`;
  journal.know({ ledger: toLedgerFacts(audit), tables: toChaosTables(result) });
  journal.end(toVerdict(violations, good, weaknesses));
  const lines = [...toChaosLines(result), ...weaknesses].join('\n');
  return { lines, isGood: violations.length + weaknesses.length === 0 };
}

function end(result: { readonly violations: readonly string[] }, good: string) {
  journal.end(toVerdict(result.violations, good));
  return { lines: JSON.stringify(result, undefined, 2), isGood: result.violations.length === 0 };
}
