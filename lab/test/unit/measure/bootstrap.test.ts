/** The interval of paired differences: what it covers; how often it cries wolf is in simulation/measure. */
import { describe, expect, it } from 'vitest';
import { pairedInterval } from '../../../measure/bootstrap.ts';

const seed = 7;

describe('an interval', () => {
  it('is that of Student for differences without skew', () => {
    const { mean, low, high } = pairedInterval([1, 2, 3, 4, 5], { seed }) ?? {};
    // 3 ± 2.776 × 1.5811 / √5 = 3 ± 1.963
    expect(mean).toBe(3);
    expect(low).toBeCloseTo(1.04, 0);
    expect(high).toBeCloseTo(4.96, 0);
  });

  it('narrows as a bootstrap does with many pairs', () => {
    const differences = Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? 1 : -1) + 10);
    const { low, high } = pairedInterval(differences, { seed }) ?? { low: 0, high: 0 };
    // ± 1.984 × 1.005 / √100
    expect(high - low).toBeCloseTo(0.4, 1);
  });

  it('is the same for the same seed', () => {
    const differences = [3, 1, 4, 1, 5];
    expect(pairedInterval(differences, { seed })).toEqual(pairedInterval(differences, { seed }));
  });

  it('is a point where all pairs agree', () => {
    expect(pairedInterval([2, 2, 2, 2, 2], { seed })).toMatchObject({ low: 2, high: 2 });
  });

  it('is none with two pairs', () => {
    expect(pairedInterval([1, 2], { seed })).toBeNull();
  });
});
