/** A table in Markdown. */

/** One line for each row; a bar within a cell is escaped. */
export function toTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const toCell = (cell: string | number) => (cell === '' ? ' ' : ` ${`${cell}`.replaceAll('|', '\\|')} `);
  const toLine = (cells: readonly (string | number)[]) => `|${cells.map(toCell).join('|')}|\n`;
  return [toLine(head), toLine(head.map(() => '---')), ...rows.map(toLine)].join('');
}
