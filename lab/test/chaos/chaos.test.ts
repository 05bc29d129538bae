/** A short run of `npm run chaos`: the same driver, the same checks, less time. */
import { expect, it } from 'vitest';
import { findWeaknesses, toChaosLines } from '../../chaos/report.ts';
import { runChaos, usualFaults } from '../../chaos/run.ts';

/** Without the stranger, after whom the relay waits longer than this test lasts. */
const faults = { ...usualFaults, stranger: 0 };

it('kills, pauses and lost messages break no promise', async () => {
  const result = await runChaos({ seconds: 10, seed: 7, faults, drainMs: 35_000 });
  process.stderr.write(`${toChaosLines(result).join('\n')}\n`);
  expect(result.violations).toEqual([]);
  expect(findWeaknesses(result)).toEqual([]);
});
