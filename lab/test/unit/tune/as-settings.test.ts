/** A policy as somebody takes it over. */
import { hopSettings } from '@holdfast/shared/app/hop-settings.ts';
import { readSettings } from '@holdfast/shared/core/config.ts';
import { policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import { expect, it } from 'vitest';
import { toCode, toEnvironmentLines, toHopPolicy, toPolicyPatch } from '../../../tune/as-settings.ts';
import { toSpace } from '../../../tune/space.ts';

const neighbour = {
  ...{ instances: 1, workers: 10, serviceMs: { p50: 20, p99: 80 }, queueMax: null },
  ...{ dropsAbandoned: false, errorRatio: 0, networkMs: 1 },
};
const space = toSpace(neighbour, 4000);
const unbounded = { ...policyDefaults, attempts: 4, budget: null, breaker: null };

it('every value that is searched is legal in a service', () => {
  for (const setting of space)
    for (const value of setting.values) {
      const lines = toEnvironmentLines(setting.set(policyDefaults, value)).map((line) => line.split('='));
      const env = { ...Object.fromEntries(lines), MONGO_URL: 'mongodb://127.0.0.1' };
      expect(() => readSettings(hopSettings('x', 1), env)).not.toThrow();
      expect(Object.keys(env)).toContain(setting.env);
    }
});

it('the defaults are those of a service', () => {
  const lines = toEnvironmentLines(policyDefaults).map((line) => line.split('='));
  const table = hopSettings('x', 1) as Record<string, { readonly fallback: string }>;
  expect(lines.map(([name = '', value]) => [name, value])).toEqual(
    lines.map(([name = '']) => [name, table[name]?.fallback]),
  );
});

it('what bounds nothing is a number where a service needs one', () => {
  expect(toEnvironmentLines(unbounded)).toEqual(
    expect.arrayContaining(['RETRY_BUDGET_RATIO=3', 'BREAKER_THRESHOLD_RATIO=1']),
  );
  expect(toPolicyPatch(policyDefaults, unbounded)).toEqual({
    ...{ attempts: 4, budget: { ratio: 3 }, breaker: { thresholdRatio: 1 } },
  });
  expect(toCode(unbounded)).toContain('createRetryBudget({ ratio: 3, minPerSecond: 3 })');
});

it('a running hop gets every part, as numbers', () => {
  const { deadlineMs: _, ...parts } = policyDefaults;
  expect(toHopPolicy(policyDefaults)).toEqual(parts);
  expect(toHopPolicy({ ...unbounded, bulkhead: null })).toEqual({
    ...{ attempts: 4, attemptTimeoutMs: 1500, budget: { ratio: 3 } },
    ...{ breaker: { thresholdRatio: 1 }, bulkhead: {} },
  });
});

it('a change names only what differs', () => {
  expect(toPolicyPatch(policyDefaults, policyDefaults)).toEqual({});
  const timeout = space.find(({ path }) => path === 'attemptTimeoutMs');
  expect(toPolicyPatch(policyDefaults, timeout?.set(policyDefaults, 300) ?? policyDefaults)).toEqual({
    ...{ attemptTimeoutMs: 300, breaker: { probeTimeoutMs: 1300 } },
  });
});
