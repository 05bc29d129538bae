/** One half of the histories; the halves run beside each other, each on a core. */
import { expect, it } from 'vitest';
import { historiesInAll, proveHistories } from './prove.ts';

it(`loses and doubles nothing in half of ${historiesInAll} histories`, async () => {
  await expect(proveHistories(0, 2)).resolves.toBeUndefined();
}, 1_800_000);
