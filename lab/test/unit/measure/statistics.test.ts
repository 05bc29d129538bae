/** Quantiles and medians: the numbers that every claim of the benchmark rests on. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, quantile, slope } from '../../../measure/statistics.ts';

describe('a quantile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

  it.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [1, 100],
  ])('of %f in 1 to 100 is %f', (share, expected) => {
    expect(quantile(hundred, share)).toBe(expected);
  });

  it('of one sample is that sample', () => {
    expect(quantile([7], 0.99)).toBe(7);
  });

  it('of nothing is not a number', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('is a sample, with at least its share at or below it', () => {
    const samples = fc.array(fc.double({ noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const sorted = Float64Array.from(values).sort();
        const found = quantile(sorted, share);
        expect(sorted).toContain(found);
        expect(sorted.filter((value) => value <= found).length).toBeGreaterThanOrEqual(share * sorted.length);
      }),
    );
  });
});

describe('a median', () => {
  it('is the one in the middle, whatever their order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is the mean of the two in the middle', () => {
    expect(median([10, 1, 4, 2])).toBe(3);
  });

  it('leaves what it was given as it was', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('of nothing is not a number', () => {
    expect(median([])).toBeNaN();
  });
});

describe('a slope', () => {
  it('is what a line climbs from one value to the next', () => {
    expect(slope([10, 12.5, 15, 17.5])).toBe(2.5);
  });

  it('is that of the rest when one value stands out', () => {
    expect(slope([1, 1, 1, 90, 1, 1, 1])).toBe(0);
  });

  it('of one value is not a number', () => {
    expect(slope([3])).toBeNaN();
  });
});
