/** Markdown tables, for the pages of docs/, that are also readable on a terminal. */

/** What is drawn: titles of columns, and a cell for each in every row. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Draws a Markdown table with its columns aligned. */
export function drawTable(head: Table['head'], rows: Table['rows']): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const draw = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [draw(head), draw(widths.map((width) => '-'.repeat(width))), ...rows.map(draw)].join('\n');
}

/** A number with two decimals; a dash for one that is not known. */
export function toCell(value: number | undefined): string {
  return value !== undefined && Number.isFinite(value) ? value.toFixed(2) : '–';
}
