/** Random decisions: the same for the same seed. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRandom } from '../../../measure/random.ts';

const arms = ['a', 'b', 'c', 'd'];

it('a shuffle is the same for the same seed', () => {
  const random = createRandom(7);
  const again = createRandom(7);
  for (let round = 0; round < 10; round += 1) expect(random.shuffle(arms)).toEqual(again.shuffle(arms));
});

it('a shuffle has every item exactly once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
      expect(createRandom(seed).shuffle(items).sort()).toEqual([...items].sort());
    }),
  );
});

it('a shuffle puts each item first in some rounds', () => {
  const random = createRandom(1);
  expect(new Set(Array.from({ length: 100 }, () => random.shuffle(arms)[0])).size).toBe(arms.length);
});
