/** What a trial runs: the scenario as it was named, and controls without its fault. */
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';
import { expect, it } from 'vitest';
import { toSeeds } from '../../../tune/effort.ts';
import { toTrialScenarios } from '../../../tune/trial.ts';

const scenario: Scenario = {
  ...{ seconds: 50, load: { ratePerSecond: 80 }, seed: 5 },
  neighbour: {
    ...{ instances: 1, workers: 10, serviceMs: 50, queueMax: null },
    ...{ dropsAbandoned: false, errorRatio: 0, networkMs: 1 },
  },
  faults: [{ type: 'slow', factor: 3, fromMs: 10_000, forMs: 10_000 }],
};

it('the first seed has the faults as they were named, and so does no other', () => {
  expect(toTrialScenarios(scenario, 0).whole).toEqual(scenario);
  const lengths = Array.from(
    { length: 32 },
    (_, nth) => toTrialScenarios(scenario, nth).whole.faults[0]?.forMs ?? 0,
  );
  expect(new Set(lengths).size).toBeGreaterThan(25);
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(7500);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(12_500);
});

it('a longer fault leaves as much time after it', () => {
  for (let nth = 0; nth < 32; nth += 1) {
    const { whole } = toTrialScenarios(scenario, nth);
    expect(whole.seconds - 10 - (whole.faults[0]?.forMs ?? 0) / 1000).toBeGreaterThanOrEqual(30);
  }
});

it('the controls have the same load and no fault, or one of 300 ms', () => {
  const { calm, short } = toTrialScenarios(scenario, 3);
  expect(calm).toMatchObject({ seconds: 15, seed: 8, load: scenario.load, faults: [] });
  expect(short).toEqual({ ...calm, faults: [{ type: 'down', fromMs: 3000, forMs: 300 }] });
});

it('many calls make controls shorter and seeds fewer', () => {
  const busy = { ...scenario, load: { ratePerSecond: 1000 } };
  expect(toTrialScenarios(busy, 0).calm.seconds).toBe(6);
  expect(toSeeds(busy)).toEqual({ some: 3, many: 11 });
  expect(toSeeds({ ...scenario, load: { ratePerSecond: 10 } })).toEqual({ some: 8, many: 32 });
});
