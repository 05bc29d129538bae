/** The known word that somebody probably meant, by the number of slips between it and what was said. */

/** The known word with the fewest slips; none when all have more than `mostSlips` says for them. */
export function nearestOf(
  said: string,
  known: readonly string[],
  mostSlips: (one: string) => number,
): string | undefined {
  const [nearest] = known
    .map((one) => ({ one, slips: countSlips(said, one) }))
    .filter(({ one, slips }) => slips <= mostSlips(one))
    .sort((a, b) => a.slips - b.slips);
  return nearest?.one;
}

/** Letters to add, remove, replace, or exchange with their neighbour: the optimal string alignment distance. */
function countSlips(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, at) => at)];
  const slips = (i: number, j: number) => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= to.length; j += 1) {
      const isExchange = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row[j] = Math.min(
        slips(i - 1, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1),
        slips(i - 1, j) + 1,
        slips(i, j - 1) + 1,
        isExchange ? slips(i - 2, j - 2) + 1 : Infinity,
      );
    }
  }
  return slips(from.length, to.length);
}
