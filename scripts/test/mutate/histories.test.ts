/** Random histories of the whole protocol, as many as a mutant can be given; `npm test` runs far more (simulation). */
import { expect, it } from 'vitest';
import { runHistory } from '../../../shared/test/simulation/history.ts';

it('loses and doubles nothing in 200 histories', async () => {
  for (let seed = 1; seed <= 200; seed += 1) expect((await runHistory(seed)).violations).toEqual([]);
});
