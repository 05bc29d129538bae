/** Seeded random decisions: the same seed gives the same sequence, so that a run can be repeated. */

/** Random decisions. */
export interface Random {
  /** A number from 0 to 1, 1 excluded. */
  next(): number;
  /** True with the probability `ratio`. */
  chance(ratio: number): boolean;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  /** One of the choices, each with its weight. */
  pick<T extends string>(weights: Readonly<Record<T, number>>): T;
  /** The items in a random order (Fisher and Yates); the given list is left as it is. */
  shuffle<T>(items: readonly T[]): T[];
}

/** Creates the source of a seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    chance: (ratio) => next() < ratio,
    between: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick<T extends string>(weights: Readonly<Record<T, number>>): T {
      const choices = Object.entries<number>(weights) as [T, number][];
      let left = next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [choice, weight] of choices) {
        left -= weight;
        if (left < 0) return choice;
      }
      throw new RangeError('weights must have a sum above 0');
    },
    shuffle(items) {
      const rest = [...items];
      return items.flatMap(() => rest.splice(Math.floor(next() * rest.length), 1));
    },
  };
}
