/** The confirmation, with runs in virtual time in the place of processes. */
import { policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { expect, it } from 'vitest';
import { type ConfirmOptions, confirm, type RunArms, toShort } from '../../../tune/confirm.ts';
import { drawConfirmation } from '../../../tune/draw-confirmation.ts';

const neighbour = {
  ...{ instances: 1, workers: 5, serviceMs: 100, queueMax: null },
  ...{ dropsAbandoned: false, errorRatio: 0, networkMs: 1 },
};
const scenario: Scenario = {
  ...{ seconds: 30, load: { ratePerSecond: 40 }, seed: 1, neighbour },
  faults: [{ type: 'slow', factor: 3, fromMs: 10_000, forMs: 5000 }],
};
const good = { ...policyDefaults, bulkhead: { maxActive: 8, maxQueued: 256, waitMs: 500 } };
const bad = { ...policyDefaults, attempts: 4, budget: null, breaker: null };

/** Runs as the model does, a little later each time. */
const running =
  (lateMs: number, asked: number[] = []): RunArms =>
  async (arms) => {
    asked.push(arms.length);
    return arms.map((arm) => ({ name: arm.name, lateMs, outcome: simulate(arm.policy, arm.scenario) }));
  };

function run(more: Partial<ConfirmOptions>) {
  const usual = { scenario, today: policyDefaults, best: [good], seed: 1, cores: 4, cpuShare: () => 1 };
  return confirm({ ...usual, runArms: running(2), ...more });
}

it('is better where the real runs are, in five pairs, and today does not differ from itself', async () => {
  const confirmation = await run({});
  expect(confirmation.verdict).toBe('better');
  expect(confirmation.sentence).toMatch(
    /^Confirmed on real processes: the 1st costs less than the current settings, by [\d.]+ points/,
  );
  expect(confirmation.falseAlarms).toEqual({ names: [], of: 4 });
  expect(confirmation.arms.map(({ name, measured }) => [name, measured.length])).toEqual([
    ['current', 5],
    ['1st', 5],
    ['current again', 5],
  ]);
  expect(drawConfirmation(confirmation)).toContain(
    'A/A: the current settings, run twice, differ in none of 4 measures.',
  );
});

it('is worse where the real runs are, and says to keep what is there', async () => {
  const confirmation = await run({ best: [bad] });
  expect(confirmation.verdict).toBe('worse');
  expect(confirmation.sentence).toMatch(/^Not so on real processes: .* Keep what you have\.$/);
});

it('is inconclusive where both are the same', async () => {
  expect((await run({ best: [policyDefaults] })).verdict).toBe('inconclusive');
});

it('is inconclusive on a machine that is too busy, and ends after two rounds', async () => {
  const asked: number[] = [];
  const confirmation = await run({ runArms: running(500, asked) });
  expect(confirmation.verdict).toBe('inconclusive');
  expect(confirmation.sentence).toMatch(/^This machine is too busy for a verdict: /);
  expect(asked).toEqual([3, 3]);
});

it('is inconclusive where today differs from itself', async () => {
  const drifting: RunArms = async (arms) =>
    arms.map(({ name, scenario: own }) => ({
      ...{ name, lateMs: 2, outcome: simulate(name === 'current again' ? bad : policyDefaults, own) },
    }));
  const confirmation = await run({ runArms: drifting });
  expect(confirmation).toMatchObject({ verdict: 'inconclusive' });
  expect(confirmation.falseAlarms.names).toContain('price');
});

it('calls nothing different that differs in each round by one call in a hundred', async () => {
  const nearly: RunArms = async (arms) =>
    arms.map(({ name, policy, scenario: own }) => {
      const outcome = simulate(policy, own);
      const failed = Math.ceil(outcome.failed * (name === 'current again' ? 1.01 : 1));
      return { name, lateMs: 2, outcome: { ...outcome, failed } };
    });
  const { falseAlarms } = await run({ today: bad, best: [], runArms: nearly });
  expect(falseAlarms).toEqual({ names: [], of: 4 });
});

it('runs all at once where there are cores, else as many as there is room for', async () => {
  const asked: number[] = [];
  await run({ best: [good, good, good], runArms: running(2, asked) });
  expect(asked).toEqual([5, 5, 5, 5, 5]);
  asked.length = 0;
  await run({ best: [good, good, good], cores: 0.3, runArms: running(2, asked) });
  expect(asked.slice(0, 2)).toEqual([3, 2]);
});

it('is not begun where a run cannot be real or short enough', async () => {
  const many = await run({ scenario: { ...scenario, load: { ratePerSecond: 4000 } } });
  expect(many.sentence).toMatch(/^It cannot be confirmed here: so many calls a second/);
  const long = await run({
    scenario: { ...scenario, seconds: 90, faults: [{ type: 'down', fromMs: 10_000, forMs: 60_000 }] },
  });
  expect(long.sentence).toMatch(
    /^It cannot be confirmed in five minutes here: a run needs 73 s, and there are 45 s for each\./,
  );
  expect([many.verdict, long.verdict]).toEqual(['inconclusive', 'inconclusive']);
});

it('a short run begins later, and keeps fault and load', () => {
  expect(toShort(scenario, 20)).toMatchObject({ seconds: 20, faults: [{ fromMs: 5000, forMs: 5000 }] });
  expect(toShort({ ...scenario, load: { atMs: [1000, 6000, 9000] } }, 40)).toMatchObject({
    ...{ seconds: 25, load: { atMs: [1000, 4000] } },
  });
  const steps = [
    { fromMs: 0, ratePerSecond: 10 },
    { fromMs: 3000, ratePerSecond: 20 },
    { fromMs: 8000, ratePerSecond: 30 },
  ];
  expect(toShort({ ...scenario, load: { steps } }, 40).load).toEqual({
    steps: [
      { fromMs: 0, ratePerSecond: 20 },
      { fromMs: 3000, ratePerSecond: 30 },
    ],
  });
});
