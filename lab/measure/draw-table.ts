/** Markdown tables that are also readable on a terminal. */

/** Draws a Markdown table with its columns aligned. */
export function drawTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const draw = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [draw(head), draw(widths.map((width) => '-'.repeat(width))), ...rows.map(draw)].join('\n');
}

/** The cells of a table that was drawn. */
export function readTable(drawn: string): {
  readonly head: readonly string[];
  readonly rows: readonly string[][];
} {
  const [head = [], , ...rows] = drawn.split('\n').map((line) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
  return { head, rows };
}

/** A number with two decimals; a dash for one that is not known. */
export function toCell(value: number | undefined): string {
  return value !== undefined && Number.isFinite(value) ? value.toFixed(2) : '–';
}
