import { describe, expect, it } from 'vitest';
import { toArms, toHysteresisArm, toHysteresisRates } from '../../../metastable/plan.ts';
import { toBatches } from '../../../metastable/run.ts';
import { readMetastableArguments } from '../../../metastable/settings.ts';

const { settings } = readMetastableArguments([]);

describe('npm run metastable', () => {
  it('runs a neighbour that is three times as slow for eight seconds when nothing is said', () => {
    expect(settings).toMatchObject({ ratePerSecond: 80, workers: 10, serviceMs: 100, seed: 1 });
    expect(settings.faults).toEqual([{ type: 'slow', factor: 3, fromMs: 6000, forMs: 8000 }]);
  });

  it.each([
    [['--fault', 'slow:x'], /^--fault slow:x is not legal: it must be slow:3x:10s/],
    [['--fault', 'down:40s'], /^--fault ends after 46 s: it must end within 30 s/],
    [
      ['--rate', '120'],
      /^--rate 120 is not legal: 10 workers × 100 ms can do 100 calls a second, so it is overloaded/,
    ],
    [['--service', '100'], /^--service 100 has no unit: say 100ms or 100s\.$/],
    [['--rate', '0'], /^--rate 0 is not legal: it must be a whole number from 1 to 500\.$/],
    [
      ['--pictures', '/nowhere/at/all'],
      /^--pictures \/nowhere\/at\/all is not legal: it must be a folder that exists\.$/,
    ],
  ])('refuses %j in one sentence', (args, sentence) => {
    expect(() => readMetastableArguments(args)).toThrow(sentence);
  });

  it('switches each protection on alone and off alone', () => {
    const arms = toArms(settings);
    expect(arms.map(({ name }) => name)).toHaveLength(13);
    expect(new Set(arms.map(({ policy, scenario }) => JSON.stringify([policy, scenario]))).size).toBe(13);
  });

  it('lets the load rise above what the neighbour can do, and fall below what it ever had', () => {
    const rates = toHysteresisRates(settings);
    expect(rates).toEqual([20, 40, 60, 80, 100, 120, 100, 80, 60, 40, 20, 10, 5]);
    const [bare] = toArms(settings);
    if (bare === undefined) throw new TypeError('no arms');
    const { scenario } = toHysteresisArm(bare, rates, 5);
    expect(scenario).toMatchObject({ seconds: 65, faults: [] });
  });

  it('runs about as many arms in each batch', () => {
    expect(toBatches([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], 4).map(({ length }) => length)).toEqual([
      4, 4, 4, 1,
    ]);
    expect(toBatches([1, 2, 3], 4)).toEqual([[1, 2, 3]]);
  });
});
