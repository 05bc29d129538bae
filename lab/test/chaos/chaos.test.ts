/** A short run of `npm run chaos`: the same driver, the same checks, less time. */
import { expect, it } from 'vitest';
import { findWeaknesses, toChaosLines } from '../../chaos/report.ts';
import { runChaos } from '../../chaos/run.ts';

it('kills, pauses and lost messages break no promise', async () => {
  const result = await runChaos({ seconds: 10, seed: 7, drainMs: 35_000 });
  process.stderr.write(`${toChaosLines(result).join('\n')}\n`);
  expect(result.violations).toEqual([]);
  expect(findWeaknesses(result)).toEqual([]);
});
