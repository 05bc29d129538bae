/**
 * Measures every arm in every round, in an order that changes from round to round.
 *
 * Drift on a shared machine then affects all arms alike. In each round an arm gets fresh processes and an empty
 * database, is warmed up, and is then measured at each number of clients, fewest first. Before each measurement it may
 * recover from what an earlier load has done to it.
 */

import { createRandom } from '../measure/random.ts';
import { type ArmName, startArm } from './arms.ts';
import { type Cost, measureCost } from './cost.ts';
import type { BenchDatabase, DocumentCounts } from './database.ts';
import { measure, recover } from './measure.ts';
import type { BenchSettings } from './settings.ts';

/** One measurement of one arm. */
export interface Cell extends Cost {
  readonly round: number;
  readonly arm: ArmName;
  readonly clients: number;
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

/** More at once would make the first calls of a cold arm slow, and open a breaker that minds it. */
const warmupMaxClients = 8;

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
  { clients, rate, seconds, warmup }: BenchSettings,
) {
  const hops = await startArm(arm, database.urlOf(name));
  let good = 0;
  const count = <Result extends { readonly good: number }>(result: Result) => {
    good += result.good;
    return result;
  };
  try {
    const cells: Omit<Cell, 'round' | 'arm'>[] = [];
    const warm = { clients: Math.min(warmupMaxClients, Math.max(...clients)), seconds: warmup };
    if (warmup > 0) count(await measure(hops.url, warm));
    for (const atOnce of clients.toSorted((a, b) => a - b)) {
      count(await recover(hops.url));
      const cost = count(await measureCost({ hops, database }, { clients: atOnce, rate, seconds }));
      cells.push({ clients: atOnce, ...cost });
    }
    return { cells, good };
  } finally {
    await hops.stop();
  }
}
