/**
 * `npm run bench`: orders a second and processor time of this chain, of the original's design, of the floor and of
 * Moleculer, in one run on one database. `-- --profile` shows where the chain spends its time instead. The options are in
 * settings.ts.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { readArguments } from '../../shared/src/core/command-line.ts';
import { announce, complain } from '../../shared/src/observability/log.ts';
import { drawTable } from '../measure/draw-table.ts';
import { toMachineLoad } from '../measure/machine-load.ts';
import { endOnSignal, openJournal, toFacts } from '../report/journal.ts';
import { openDatabase } from './database.ts';
import { profileChain } from './profile-chain.ts';
import { runRounds } from './run-rounds.ts';
import { type BenchSettings, benchCommand, parseBenchSettings } from './settings.ts';
import { toFastest, toLines, toLinesTable, toRatiosTable, toStoredTable } from './table.ts';

const settings = readArguments(benchCommand, parseBenchSettings, { announce, complain });
const { json: _json, mongo: _mongo, report, profile, ...measured } = settings;
const journal = openJournal({
  title: 'Benchmark',
  settings: toFacts({ ...measured, database: settings.mongo === undefined ? 'embedded' : 'MongoDB' }),
  file: report,
  say: complain,
});
endOnSignal(journal, 1);
if (profile) announce(await profileChain(settings));
else {
  await compare(settings).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    journal.end({ text: `The benchmark did not come to its end: ${why}`, isGood: false });
    throw error;
  });
}

async function compare(settings: BenchSettings): Promise<void> {
  const before = toMachineLoad();
  const database = await openDatabase(settings.mongo);
  try {
    const { arms, rounds, seconds, warmup, seed } = settings;
    announce(
      `${availableParallelism()} cores, Node ${process.version}; the database is ${database.about}.\n` +
        `${rounds} rounds of ${seconds} s each after ${warmup} s of warm-up; medians over rounds; seed ${seed}.`,
    );
    const { cells, books } = await runRounds(settings, database, (round, arm) => {
      complain(`round ${round} of ${rounds}: ${arm}`);
      journal.note({ who: arm, text: `round ${round} of ${rounds} begins`, level: 'info' });
    });
    const lines = toLines(cells, arms);
    const load = { before, after: toMachineLoad() };
    const loads = `Load average of the machine: ${load.before} at the start, ${load.after} at the end.`;
    const tables = [
      { title: 'Orders a second and their cost', note: loads, ...toLinesTable(lines) },
      ...(arms.includes('chain') ? [{ title: 'The chain against the others', ...toRatiosTable(lines) }] : []),
      { title: 'Stored documents', ...toStoredTable(books, arms) },
    ];
    announce([loads, ...tables.map(({ head, rows }) => drawTable(head, rows))].join('\n\n'));
    if (settings.json !== undefined) {
      await writeFile(
        settings.json,
        `${JSON.stringify({ settings, load, lines, cells, books }, undefined, 2)}\n`,
      );
    }
    journal.know({ tables });
    journal.end({ text: toFastest(lines), isGood: null });
  } finally {
    await database.stop();
  }
}
