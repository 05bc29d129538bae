/**
 * Measures every arm in every round, in an order that changes from round to round.
 *
 * Drift on a shared machine then affects all arms alike. In each round an arm gets fresh processes and an empty
 * database, is warmed up, and is then measured at each number of clients, fewest first.
 */

import { createRandom } from '../measure/random.ts';
import { type ArmName, startArm } from './arms.ts';
import type { BenchDatabase, DocumentCounts } from './database.ts';
import type { LoadResult } from './load.ts';
import { measure } from './measure.ts';
import type { BenchSettings } from './settings.ts';

/** One measurement of one arm. */
export interface Cell extends LoadResult {
  readonly round: number;
  readonly arm: ArmName;
  readonly clients: number;
  /** Processor time of the three services for one good order, in milliseconds. */
  readonly serviceCpuMs: number;
  /** The same for the database; `NaN` for one that was given. */
  readonly databaseCpuMs: number;
}

/** The documents that an arm stored in one round, and the orders that it answered with success. */
export interface StoredDocuments extends DocumentCounts {
  readonly round: number;
  readonly arm: ArmName;
  readonly good: number;
}

/** All measurements of a run. */
export interface Rounds {
  readonly cells: readonly Cell[];
  readonly books: readonly StoredDocuments[];
}

/** Runs all rounds; `onArm` is called before each arm. */
export async function runRounds(
  settings: BenchSettings,
  database: BenchDatabase,
  onArm: (round: number, arm: ArmName) => void,
): Promise<Rounds> {
  const random = createRandom(settings.seed);
  const cells: Cell[] = [];
  const books: StoredDocuments[] = [];
  for (let round = 1; round <= settings.rounds; round += 1) {
    for (const arm of random.shuffle(settings.arms)) {
      onArm(round, arm);
      const name = `bench_${process.pid}_${round}_${arm.replaceAll('-', '_')}`;
      const turn = await measureArm(arm, name, database, settings);
      cells.push(...turn.cells.map((cell) => ({ round, arm, ...cell })));
      books.push({ round, arm, good: turn.good, ...(await database.count(name)) });
      await database.drop(name);
    }
  }
  return { cells, books };
}

async function measureArm(
  arm: ArmName,
  name: string,
  database: BenchDatabase,
  { clients, seconds, warmup }: BenchSettings,
) {
  const running = await startArm(arm, database.urlOf(name));
  try {
    const cells: Omit<Cell, 'round' | 'arm'>[] = [];
    const warm = warmup === 0 ? 0 : (await measure(running.url, Math.max(...clients), warmup)).good;
    for (const count of clients.toSorted((a, b) => a - b)) {
      const before = { services: await running.cpuMs(), database: await database.cpuMs() };
      const result = await measure(running.url, count, seconds);
      cells.push({
        clients: count,
        ...result,
        serviceCpuMs: ((await running.cpuMs()) - before.services) / result.good,
        databaseCpuMs: ((await database.cpuMs()) - before.database) / result.good,
      });
    }
    return { cells, good: cells.reduce((sum, { good }) => sum + good, warm) };
  } finally {
    await running.stop();
  }
}
