import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { describe, expect, it } from 'vitest';
import { findContradiction, isCollapsed, toFate, toSavingSentences } from '../../../metastable/judge.ts';
import { protections, remedy, toArm } from '../../../metastable/plan.ts';
import { readMetastableArguments } from '../../../metastable/settings.ts';

const { settings } = readMetastableArguments([]);
const fateOf = (given: Parameters<typeof toArm>[1], changed = settings) => {
  const { policy, scenario } = toArm('', given, changed);
  return toFate(simulate(policy, scenario), scenario);
};

describe('the demonstration, in the model', () => {
  it('collapses without protection, and stays so at unchanged load', () => {
    const fate = fateOf([]);
    expect(fate).toEqual({ lastRatio: 0, backAfter: null, silentSeconds: 20 });
    expect(isCollapsed(fate)).toBe(true);
  });

  it('is back with two attempts, a budget and a breaker', () => {
    const fate = fateOf(remedy);
    expect(fate.backAfter).toBeLessThanOrEqual(8);
    expect(findContradiction(fateOf([]), fate)).toBeNull();
  });

  it('is saved by a breaker alone and by admission alone, not by the others', () => {
    const saving = protections.filter((one) => fateOf([one]).backAfter !== null);
    expect(saving).toEqual(['breaker', 'admission']);
  });

  it('is contradicted where nothing collapses, and where nothing saves', () => {
    const calm = fateOf([], { ...settings, ratePerSecond: 20 });
    expect(findContradiction(calm, calm)).toMatch(/^Without protection the caller came back 0 s after/);
    expect(findContradiction(fateOf([]), fateOf([]))).toMatch(/did not come back either\.$/);
  });

  it('says which protection saves alone and which is missed', () => {
    const back = { lastRatio: 1, backAfter: 1, silentSeconds: 0 };
    const gone = { lastRatio: 0, backAfter: null, silentSeconds: 9 };
    expect(
      toSavingSentences([
        { name: 'only budget', fate: gone },
        { name: 'only breaker', fate: back },
        { name: 'all but budget', fate: back },
        { name: 'all but breaker', fate: gone },
      ]),
    ).toEqual([
      'Saves the caller alone: breaker. Does not: budget.',
      'Of all five these are missed when they alone are switched off: breaker.',
    ]);
  });
});
