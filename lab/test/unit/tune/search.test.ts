/** The search, with measures whose optimum is known. */
import { type Policy, policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../measure/random.ts';
import { toLatinHypercube } from '../../../tune/latin-hypercube.ts';
import { toParetoFront } from '../../../tune/pareto.ts';
import { type SearchOptions, type SearchResult, search } from '../../../tune/search.ts';
import { toDifferences, toSpace } from '../../../tune/space.ts';
import type { Measures, RunTrials } from '../../../tune/trial.ts';
import { isClearlyBetter, toTuneVerdict } from '../../../tune/verdict.ts';

const neighbour = {
  ...{ instances: 1, workers: 10, serviceMs: { p50: 20, p99: 80 }, queueMax: null },
  ...{ dropsAbandoned: false, errorRatio: 0, networkMs: 1 },
};
const today = policyDefaults;
const space = toSpace(neighbour, today.deadlineMs);
const control = { calls: 1000, failed: 0, rejectedWhileWell: 0, p99Ms: 80 };
const fine: Measures = {
  ...{ calls: 1000, failed: 0, wasted: 0, sent: 1000, rejectedWhileWell: 0, p50Ms: 20, p99Ms: 80 },
  ...{ recoveredAfterMs: 1000, openedAfterMs: 500, calm: control, blip: control },
};

/** Measures by a formula; the same seed has the same chance for every policy. */
function measuring(of: (policy: Policy, nth: number) => Partial<Measures>): RunTrials {
  return async (trials) => trials.map(({ policy, nth }) => ({ ...fine, ...of(policy, nth) }));
}

function find(runTrials: RunTrials, more: Partial<SearchOptions> = {}): Promise<SearchResult> {
  const seeds = { some: 4, many: 8 };
  return search({ ...{ space, today, deadlineMs: 4000, count: 128, seeds, seed: 1, runTrials }, ...more });
}

/** Least at three attempts of 300 ms; all else does nothing. */
const planted = ({ attempts, attemptTimeoutMs }: Policy, nth: number): Partial<Measures> => ({
  failed: Math.round(
    80 * Math.abs(attempts - 3) +
      100 * Math.abs(Math.log(attemptTimeoutMs / 300)) +
      createRandom(nth).between(0, 30),
  ),
});

describe('the search', () => {
  it('finds the optimum that was planted, and changes nothing else', async () => {
    const { best, kept } = await find(measuring(planted));
    expect(best[0]?.policy.attempts).toBe(3);
    expect(best[0]?.policy.attemptTimeoutMs).toBeOneOf([200, 300, 500]);
    const changed = toDifferences(space, best[0]?.policy ?? today, today).map(({ path }) => path);
    expect(changed.sort()).toEqual(['attemptTimeoutMs', 'attempts']);
    expect(kept.map(({ setting }) => setting.path).sort()).toEqual(changed);
  });

  it('names three where only one setting matters: no other way is left, so the next values of it follow', async () => {
    const { best } = await find(
      measuring(({ attemptTimeoutMs }, nth) => planted({ ...today, attempts: 3, attemptTimeoutMs }, nth)),
      { count: 48 },
    );
    const timeouts = best.map(({ policy }) => policy.attemptTimeoutMs);
    expect(timeouts.length).toBe(3);
    expect(new Set(timeouts).size).toBe(3);
  });

  it('finds the same with the same seed', async () => {
    const policies = async (seed: number) =>
      (await find(measuring(planted), { seed })).best.map(({ policy, plateau }) => ({ policy, plateau }));
    expect(await policies(7)).toEqual(await policies(7));
  });

  it('keeps today to the end, with as many seeds as the best', async () => {
    const { best, today: last } = await find(measuring(planted));
    expect(last.policy).toEqual(today);
    expect(last.trials.length).toBe(8);
    expect(best.every(({ trials }) => trials.length === 8)).toBe(true);
    expect(best.length).toBeGreaterThan(0);
  });

  it.each<[string, Partial<Measures>]>([
    ['never recovers', { recoveredAfterMs: null }],
    ['fails calls without a fault', { calm: { ...control, failed: 10 } }],
    ['fails calls in a blip', { blip: { ...control, failed: 40 } }],
  ])('lets nothing win that %s, however few calls it fails', async (why, harm) => {
    const tempting = measuring((policy, nth) =>
      policy.attempts === 3 ? { failed: 0, ...harm } : { ...planted(policy, nth), failed: 500 },
    );
    const { best, first } = await find(tempting);
    expect(best.filter(({ policy }) => policy.attempts === 3)).toEqual([]);
    const out = first.filter(({ disqualified }) => disqualified === why);
    expect(out.length).toBeGreaterThan(20);
    expect(out.every(({ policy }) => policy.attempts === 3)).toBe(true);
  });

  it('prefers a plateau to a peak', async () => {
    const peaks = measuring(({ attemptTimeoutMs: timeout, attempts }) => ({
      // 100 ms alone is best, but 70 and 150 ms are bad; from 700 ms on all is nearly as good.
      failed:
        timeout === 100 ? 95 : timeout >= 700 && timeout <= 2000 ? 100 + 20 * Math.abs(attempts - 2) : 400,
    }));
    const { best } = await find(peaks, { today: { ...today, attemptTimeoutMs: 4000 } });
    expect(best[0]?.policy.attemptTimeoutMs).toBeGreaterThanOrEqual(700);
  });

  it('says that there is nothing to change where nothing helps', async () => {
    const found = await find(measuring((_, nth) => ({ failed: 100 + createRandom(nth).between(0, 30) })));
    expect(toTuneVerdict(found, [])).toMatchObject({ verdict: 'inconclusive' });
    expect(toTuneVerdict(found, []).sentence).toMatch(/^Nothing to change: /);
  });

  it('says that no setting helps where none recovers', async () => {
    const found = await find(measuring(() => ({ recoveredAfterMs: null })));
    expect(found.best).toEqual([]);
    expect(toTuneVerdict(found, []).sentence).toMatch(/^None of \d+ settings recovers/);
  });

  it('is better by more than chance where the gain is clear', async () => {
    const found = await find(measuring(planted));
    const [winner] = found.best;
    expect(winner !== undefined && isClearlyBetter(winner, found.today)).toBe(true);
    expect(toTuneVerdict(found, ['attempts 3 → 2'])).toMatchObject({ verdict: 'better' });
    expect(isClearlyBetter(found.today, found.today)).toBe(false);
  });
});

it('the spread takes every part of each setting equally often', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const policies = toLatinHypercube(space, today, { count: 90, random: createRandom(seed) });
      const counts = Map.groupBy(policies, ({ breaker }) => breaker?.windowMs);
      // Nine values among ninety policies.
      expect([...counts.values()].map((group) => group.length)).toEqual(Array(9).fill(10));
    }),
    { numRuns: 30 },
  );
});

it('what is set to a value has it, and nothing else changes', () => {
  for (const setting of space)
    for (const value of setting.values) {
      const changed = setting.set(today, value);
      expect(setting.get(changed)).toBe(value);
      const others = toDifferences(space, changed, today).filter(({ path }) => path !== setting.path);
      expect(others).toEqual([]);
      expect(setting.set(changed, setting.get(today))).toEqual(today);
    }
});

it('a front has every row that no other one beats', () => {
  expect(
    toParetoFront([
      [1, 9],
      [2, 2],
      [3, 3],
      [9, 1],
      [2, 2],
      [1, 10],
    ]),
  ).toEqual([0, 1, 3, 4]);
});
