/**
 * `npm run bench`: orders a second and processor time of this chain, of the original's design, of the floor and of
 * Moleculer, in one run on one database. `-- --profile` shows where the chain spends its time instead. The options are in
 * settings.ts.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { readArguments } from '../../shared/src/core/command-line.ts';
import { announce, complain } from '../../shared/src/observability/log.ts';
import { toMachineLoad } from '../measure/machine-load.ts';
import { openDatabase } from './database.ts';
import { profileChain } from './profile-chain.ts';
import { runRounds } from './run-rounds.ts';
import { type BenchSettings, benchCommand, parseBenchSettings } from './settings.ts';
import { drawLines, drawRatios, drawStoredDocuments, toLines } from './table.ts';

const settings = readArguments(benchCommand, parseBenchSettings, { announce, complain });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
if (settings.profile) announce(await profileChain(settings));
else await compare(settings);

async function compare(settings: BenchSettings): Promise<void> {
  const before = toMachineLoad();
  const database = await openDatabase(settings.mongo);
  try {
    const { arms, rounds, seconds, warmup, seed } = settings;
    announce(
      `${availableParallelism()} cores, Node ${process.version}; the database is ${database.about}.\n` +
        `${rounds} rounds of ${seconds} s each after ${warmup} s of warm-up; medians over rounds; seed ${seed}.`,
    );
    const { cells, books } = await runRounds(settings, database, (round, arm) =>
      complain(`round ${round} of ${rounds}: ${arm}`),
    );
    const lines = toLines(cells, arms);
    const load = { before, after: toMachineLoad() };
    announce(
      [
        `Load average of the machine: ${load.before} at the start, ${load.after} at the end.`,
        drawLines(lines),
        ...(arms.includes('chain') ? [drawRatios(lines)] : []),
        drawStoredDocuments(books, arms),
      ].join('\n\n'),
    );
    if (settings.json !== undefined) {
      await writeFile(
        settings.json,
        `${JSON.stringify({ settings, load, lines, cells, books }, undefined, 2)}\n`,
      );
    }
  } finally {
    await database.stop();
  }
}
