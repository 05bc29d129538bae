/**
 * The protocol under many random histories, and the checker under every broken rule.
 *
 * `SIMULATION_HISTORIES` sets how many (20,000 by default), `SIMULATION_SEED` where to begin. A failing seed is named
 * and brings the same history again: SIMULATION_SEED=<seed> SIMULATION_HISTORIES=1.
 */
import { describe, expect, it } from 'vitest';
import { runHistory } from './history.ts';
import { type Mutation, mutations } from './mutations.ts';

const histories = Number(process.env.SIMULATION_HISTORIES ?? 20_000);
const firstSeed = Number(process.env.SIMULATION_SEED ?? 1);

/** Histories within which the checker must notice a broken rule; about five times what it took when measured. */
const noticedWithin: Record<Exclude<Mutation, 'none'>, number> = {
  'no-unique-id': 20,
  'pending-is-done': 50,
  'refusal-not-stored': 100,
  'duplicate-after-read': 15_000,
  'unjournaled-writes': 8_000,
  'foreign-4xx-is-final': 200,
  'settle-without-guard': 500,
};

describe('the protocol', () => {
  it(`loses and doubles nothing in ${histories} histories`, async () => {
    const sum = { accepted: 0, completed: 0, crashes: 0, faults: 0 };
    for (let seed = firstSeed; seed < firstSeed + histories; seed += 1) {
      const { violations, ...counts } = await runHistory(seed);
      expect(violations, `SIMULATION_SEED=${seed} SIMULATION_HISTORIES=1 shows it again`).toEqual([]);
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += counts[key];
    }
    process.stderr.write(`simulation: ${histories} histories, ${JSON.stringify(sum)}, 0 violations\n`);
    // A history in which nothing was accepted or nothing went wrong proves nothing.
    if (histories < 100) return;
    expect(sum.accepted / histories).toBeGreaterThan(1);
    expect(sum.completed / histories).toBeGreaterThan(0.8);
    expect((sum.crashes + sum.faults) / histories).toBeGreaterThan(3);
  }, 300_000);
});

describe('the checker notices', () => {
  it.each(mutations.filter((mutation) => mutation !== 'none'))(
    '%s',
    async (mutation) => {
      let seed = 1;
      let noticed = false;
      for (; seed <= noticedWithin[mutation] && !noticed; seed += 1) {
        noticed = (await runHistory(seed, mutation)).violations.length > 0;
      }
      expect(noticed, `nobody noticed in ${seed - 1} histories`).toBe(true);
    },
    120_000,
  );

  it('nothing else than what a seed brings: the same seed is the same history', async () => {
    expect(await runHistory(4711)).toEqual(await runHistory(4711));
  });
});
