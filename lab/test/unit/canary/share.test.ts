/** Shares as weights. */
import { expect, it } from 'vitest';
import { toWeights } from '../../../canary/share.ts';

it.each([
  [0, { stable: 3, canary: 1 }, { stable: 1, canary: 0 }],
  [5, { stable: 3, canary: 1 }, { stable: 19, canary: 3 }],
  [25, { stable: 3, canary: 1 }, { stable: 1, canary: 1 }],
  [50, { stable: 3, canary: 1 }, { stable: 1, canary: 3 }],
  [50, { stable: 2, canary: 2 }, { stable: 1, canary: 1 }],
  [100, { stable: 3, canary: 1 }, { stable: 0, canary: 1 }],
])('%i %% for servers %j are the weights %j', (percent, servers, weights) => {
  expect(toWeights(percent, servers)).toEqual(weights);
});

it('no weight is above what HAProxy takes, and none that should have a share gets 0', () => {
  for (let percent = 1; percent < 100; percent += 1) {
    for (const stable of [1, 2, 3]) {
      for (const canary of [1, 2, 3]) {
        const weights = toWeights(percent, { stable, canary });
        const share = (weights.canary * canary) / (weights.canary * canary + weights.stable * stable);
        expect(Math.max(weights.stable, weights.canary)).toBeLessThanOrEqual(256);
        expect(Math.abs(share - percent / 100)).toBeLessThan(0.005);
      }
    }
  }
});
