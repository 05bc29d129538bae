/** The order of the arms: random, and the same for the same seed. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRandom, shuffle } from '../../../bench/random-order.ts';

const arms = ['a', 'b', 'c', 'd'];

it('is the same for the same seed', () => {
  const random = createRandom(7);
  const again = createRandom(7);
  for (let round = 0; round < 10; round += 1) expect(shuffle(arms, random)).toEqual(shuffle(arms, again));
});

it('has every arm exactly once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
      expect(shuffle(items, createRandom(seed)).sort()).toEqual([...items].sort());
    }),
  );
});

it('puts each arm first in some rounds', () => {
  const random = createRandom(1);
  expect(new Set(Array.from({ length: 100 }, () => shuffle(arms, random)[0])).size).toBe(arms.length);
});
