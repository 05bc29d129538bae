/** The policies of which no other one is better in everything. */

/** The indexes of the rows that no other row dominates; in every column less is better. Rows that are equal all stay. */
export function toParetoFront(rows: readonly (readonly number[])[]): number[] {
  const dominates = (a: readonly number[], b: readonly number[]) =>
    a.every((value, column) => value <= (b[column] ?? value)) &&
    a.some((value, column) => value < (b[column] ?? value));
  return rows.flatMap((row, index) => (rows.some((other) => dominates(other, row)) ? [] : [index]));
}
