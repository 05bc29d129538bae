/**
 * The protocol under many random histories, in parts that run beside each other.
 *
 * `SIMULATION_HISTORIES` sets how many (20,000 by default), `SIMULATION_SEED` where to begin. A failing seed is named
 * and brings the same history again: SIMULATION_SEED=<seed> SIMULATION_HISTORIES=1.
 */
import { expect } from 'vitest';
import { runHistory } from './history.ts';

const histories = Number(process.env.SIMULATION_HISTORIES ?? 20_000);
const firstSeed = Number(process.env.SIMULATION_SEED ?? 1);

/** How many histories run in all parts together. */
export const historiesInAll = histories;

/** Runs every `of`-th history, beginning with number `part`, counted from 0; fails at the first broken promise. */
export async function proveHistories(part: number, of: number): Promise<void> {
  const sum = { histories: 0, accepted: 0, completed: 0, crashes: 0, faults: 0 };
  for (let seed = firstSeed + part; seed < firstSeed + histories; seed += of) {
    const { violations, ...counts } = await runHistory(seed);
    expect(violations, `SIMULATION_SEED=${seed} SIMULATION_HISTORIES=1 shows it again`).toEqual([]);
    sum.histories += 1;
    for (const key of Object.keys(counts) as (keyof typeof counts)[]) sum[key] += counts[key];
  }
  process.stderr.write(`simulation: ${JSON.stringify(sum)}, 0 violations\n`);
  // A history in which nothing was accepted or nothing went wrong proves nothing.
  if (sum.histories < 100) return;
  expect(sum.accepted / sum.histories).toBeGreaterThan(1);
  expect(sum.completed / sum.histories).toBeGreaterThan(0.8);
  expect((sum.crashes + sum.faults) / sum.histories).toBeGreaterThan(3);
}
