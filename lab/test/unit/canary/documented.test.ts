/** The runs that docs/canary.md shows are runs that this code can make. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { canaryCommand } from '../../../canary/settings.ts';
import { toWeights } from '../../../canary/share.ts';

const page = readFileSync(new URL('../../../../docs/canary.md', import.meta.url), 'utf8');

it('the weights of every step are those of its share', () => {
  const steps = [...page.matchAll(/^(\d+) % \(weights stable (\d+), canary (\d+)\)/gm)].map((step) =>
    step.slice(1).map(Number),
  );
  expect(steps).toHaveLength(5);
  for (const [percent = 0, stable, canary] of steps)
    expect(toWeights(percent, { stable: 3, canary: 1 })).toEqual({ stable, canary });
});

it('the audit has the orders of the distribution, of those who ask for the canary, and of the rollout', () => {
  const before = Number(canaryCommand.options.requests.fallback) + 20;
  const orders = [...page.matchAll(/^(?:Promoted|Rolled back)\. (\d+) orders/gm)].map(([, count]) =>
    Number(count),
  );
  const audited = [...page.matchAll(/^Audit: (\d+) acknowledged, (\d+) completed/gm)].map((line) =>
    line.slice(1).map(Number),
  );
  expect(audited).toEqual(orders.map((count) => [before + count, before + count]));
});
