/** How often a thing would be called different from itself. */
import { describe, expect, it } from 'vitest';
import { estimateFalseAlarms, isCalledDifferent, swapPairs } from '../../../experiment/false-alarms.ts';

describe('pairs', () => {
  it('are called different when all lie on one side', () => {
    expect(isCalledDifferent([5, 6, 5, 4, 5], 1)).toBe(true);
    expect(isCalledDifferent([-5, -6, -5, -4, -5], 1)).toBe(true);
    expect(isCalledDifferent([5, -6, 5, 4, -5], 1)).toBe(false);
  });

  it('that are all alike are different in two of the 32 ways to swap them', () => {
    expect(swapPairs([5, 6, 5, 4, 5], 1)).toBe(2 / 32);
  });

  it('that do not differ are different in none', () => {
    expect(swapPairs([0, 0, 0, 0], 1)).toBe(0);
  });

  it('of more than ten are swapped at random', () => {
    const ratio = swapPairs(
      Array.from({ length: 20 }, () => 1),
      1,
    );
    expect(ratio).toBeLessThan(0.1);
  });
});

describe('the estimate from the repeats of one arm', () => {
  it('is at most a tenth', () => {
    expect(estimateFalseAlarms([12, 15, 9, 14, 11], 1)).toBeLessThanOrEqual(0.1);
    expect(estimateFalseAlarms([0, 0, 900, 0, 1000], 1)).toBeLessThanOrEqual(0.1);
  });

  it('is none with two', () => {
    expect(estimateFalseAlarms([1, 2], 1)).toBeNull();
    expect(swapPairs([1, 2], 1)).toBeNull();
  });
});
