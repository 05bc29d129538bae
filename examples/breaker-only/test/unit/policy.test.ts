/** What the shop's own settings do in an outage, in virtual time: nothing is started, and nothing waits. */
import { simulate } from '@holdfast/shared/resilience';
import { expect, it } from 'vitest';
import { stockPolicy } from '../../app.ts';

it('our breaker opens within 2 s of an outage', () => {
  const faults = [{ type: 'down', fromMs: 5000, forMs: 10_000 }] as const;
  expect(simulate(stockPolicy, { ratePerSecond: 20, faults }).openedAfterMs).toBeLessThan(2000);
});

it('our breaker rejects nothing in a blip of 300 ms', () => {
  const faults = [{ type: 'down', fromMs: 5000, forMs: 300 }] as const;
  expect(simulate(stockPolicy, { ratePerSecond: 20, faults }).rejected).toBe(0);
});
