/**
 * How far two groups of measurements are apart, whatever their distribution: only which of two values is larger counts
 * (Mann and Whitney; Cliff).
 */

/** Two groups compared. */
export interface EffectSize {
  /** Of all pairs of one of each group, in how many the second group's is larger; half of one for two that are equal. */
  readonly u: number;
  /** Cliff's delta: from -1, all of the second group are smaller, over 0, no difference, to 1. */
  readonly delta: number;
  /** How often chance alone puts two groups at least as far apart: exact, ties included. */
  readonly chance: number;
  /** The delta in a word (Romano). */
  readonly words: 'none' | 'small' | 'medium' | 'large';
}

/** Compares two groups; `null` when one is empty. The exact chance takes time with the cube of their size: meant for up to 100 each. */
export function toEffectSize(first: readonly number[], second: readonly number[]): EffectSize | null {
  if (first.length === 0 || second.length === 0) return null;
  let twice = 0;
  for (const a of first) for (const b of second) twice += b > a ? 2 : b === a ? 1 : 0;
  const pairs = first.length * second.length;
  const delta = twice / pairs - 1;
  return { u: twice / 2, delta, chance: toChance(first, second, twice), words: toWords(Math.abs(delta)) };
}

/** The share of all ways to deal the values into two such groups in which they are at least as far apart. */
function toChance(first: readonly number[], second: readonly number[], twiceU: number): number {
  const all = [...first, ...second];
  const least = second.length * (second.length + 1);
  // Twice the rank, so that the rank of a tie is whole.
  const ranks = all.map(
    (one) => 1 + all.reduce((sum, other) => sum + (other < one ? 2 : other === one ? 1 : 0), 0),
  );
  // ways[count] of each sum of ranks, for `count` values dealt to the second group.
  const ways = Array.from({ length: second.length + 1 }, () => new Map<number, number>());
  ways[0]?.set(0, 1);
  for (const rank of ranks)
    for (let count = second.length; count > 0; count -= 1)
      for (const [sum, number] of ways[count - 1] ?? [])
        ways[count]?.set(sum + rank, (ways[count]?.get(sum + rank) ?? 0) + number);
  const middle = first.length * second.length;
  const distance = Math.abs(twiceU - middle);
  let total = 0;
  let extreme = 0;
  for (const [sum, number] of ways[second.length] ?? []) {
    total += number;
    if (Math.abs(sum - least - middle) >= distance) extreme += number;
  }
  return extreme / total;
}

function toWords(delta: number): EffectSize['words'] {
  if (delta < 0.147) return 'none';
  if (delta < 0.33) return 'small';
  return delta < 0.474 ? 'medium' : 'large';
}
