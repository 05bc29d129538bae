/** The checker under every broken rule: a proof that the simulation would notice. */
import { describe, expect, it } from 'vitest';
import { runHistory } from './history.ts';
import { type Mutation, mutations } from './mutations.ts';

/** Histories within which the checker must notice a broken rule; about five times what it took when measured. */
const noticedWithin: Record<Exclude<Mutation, 'none'>, number> = {
  'no-unique-id': 20,
  'pending-is-done': 50,
  'refusal-not-stored': 100,
  'duplicate-after-read': 15_000,
  'unjournaled-writes': 8_000,
  'foreign-4xx-is-final': 200,
  'finalize-without-guard': 500,
  'claims-count-as-deaths': 3_500,
  'nothing-is-swept': 200,
  'answered-before-next': 20,
  'answer-of-the-clock': 200,
  'overlay-not-read': 1_000,
  'flush-dropped-at-stop': 5_000,
};

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
