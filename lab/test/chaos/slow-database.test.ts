/** A database that carries out everything and acknowledges it later than anybody waits. */
import { describe, expect, it } from 'vitest';
import { runSlowDatabase } from '../../chaos/slow-database.ts';

describe.concurrent('a database that is too slow', () => {
  it('for 12 s loses, doubles and kills no order', async () => {
    const settings = { seconds: 12, seed: 1, rate: 5, drainMs: 35_000 };
    const { violations, audit, delayed } = await runSlowDatabase(settings);
    process.stderr.write(`${delayed} operations were delayed, ${audit.accepted} orders kept\n`);
    expect(violations).toEqual([]);
    expect(audit).toMatchObject({ kept: true, dead: 0, lost: 0, doubled: 0 });
  }, 90_000);
});
