import { expect, it } from 'vitest';
import { createVitals } from '../../../src/observability/vitals.ts';

it('shows no answer of a time when nobody asked: a service that was starting then is not without its database now', async () => {
  let now = 0;
  let database = 'The database is away.';
  const vitals = createVitals({
    health: { readiness: async () => ({ ready: database === 'ok', database }) as never },
    records: { backlog: async () => ({ pending: 0, oldestMs: 0 }) },
    counts: { ask: async () => null },
    clock: () => now,
  });
  await vitals.ask();
  expect(vitals.view().readiness?.database).toBe('The database is away.');
  now = 6000;
  database = 'ok';
  expect(vitals.view().readiness).toBeNull();
  await vitals.ask();
  expect(vitals.view().readiness?.database).toBe('ok');
});
