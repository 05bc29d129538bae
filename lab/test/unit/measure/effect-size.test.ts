/** The effect size against known values. */
import { describe, expect, it } from 'vitest';
import { toEffectSize } from '../../../measure/effect-size.ts';

describe('an effect size', () => {
  it('is 1 where all of the second group are larger, which chance does in two of 252 ways', () => {
    expect(toEffectSize([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])).toEqual({
      ...{ u: 25, delta: 1, chance: 2 / 252, words: 'large' },
    });
  });

  it('is -1 where all are smaller', () => {
    expect(toEffectSize([2, 3], [0, 1])).toMatchObject({ u: 0, delta: -1, chance: 1 / 3 });
  });

  it('counts a tie as half', () => {
    expect(toEffectSize([1, 1, 1], [1, 1, 1])).toEqual({ u: 4.5, delta: 0, chance: 1, words: 'none' });
  });

  it('is that of a textbook', () => {
    // The hare and the tortoise: T H H H H H T T T T T H, ranks from the last; U = 11 and 25.
    const tortoise = [12, 6, 5, 4, 3, 2];
    const hare = [11, 10, 9, 8, 7, 1];
    expect(toEffectSize(tortoise, hare)).toMatchObject({ u: 25, delta: 25 / 18 - 1, words: 'medium' });
    expect(toEffectSize(hare, tortoise)?.u).toBe(11);
  });

  it('has the chance of the tables: U = 2 of 5 and 5 is found in 4 of 126', () => {
    const { u, chance } = toEffectSize([4, 7, 8, 9, 10], [1, 2, 3, 5, 6]) ?? {};
    expect(u).toBe(2);
    expect(chance).toBeCloseTo(0.0317, 4);
  });

  it('is none of an empty group', () => {
    expect(toEffectSize([], [1])).toBeNull();
  });
});
