/** Renders what the conformance suite saw as a page of Markdown. */
import { readFileSync } from 'node:fs';
import type { SubjectKind } from './subject.ts';

/** What one test of the suite saw; `holds` is `null` where the line does not apply. */
export interface Cell {
  readonly line: number;
  readonly promise: string;
  readonly subject: SubjectKind['name'];
  readonly holds: boolean | null;
  readonly saw: string;
}

/** Makes docs/breaker-conformance.md of the cells; the versions are those installed. */
export function toMatrix(cells: readonly Cell[]): string {
  const lines = [...new Set(cells.map(({ line }) => line))].sort((a, b) => a - b);
  const at = (line: number, subject: Cell['subject']) =>
    cells.find((cell) => cell.line === line && cell.subject === subject);
  const rows = lines.map((line) => {
    const promise = at(line, 'adapter')?.promise ?? '';
    const shown = subjects.map((subject) => toText(at(line, subject)));
    return `| ${[line, promise, ...shown].join(' | ')} |`;
  });
  const held = (subject: Cell['subject']) =>
    cells.filter((cell) => cell.subject === subject && cell.holds === true).length;
  const totals = subjects.map((subject) => `**${held(subject)} of ${lines.length}**`).join(' | ');
  return `# Breaker conformance

Written by \`npm run conformance\` from the results of \`shared/test/contract/breaker\`; do not edit. A test fails when this
page is stale. ✔ the line holds, ✘ it does not, – it does not apply; behind it is what really happened in the test.
Where a case asks for no attempt timeout, opossum runs with \`timeout: false\` and cockatiel without its timeout policy.
What the lines mean for a user is in [breaker.md](breaker.md).

| # | promise | adapter | opossum ${version('opossum')} | cockatiel ${version('cockatiel')} |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
| | holds | ${totals} |
`;
}

const subjects = ['adapter', 'opossum', 'cockatiel'] as const;
const marks = new Map([
  [true, '✔'],
  [false, '✘'],
  [null, '–'],
]);

function toText(cell: Cell | undefined): string {
  return cell === undefined ? 'not run' : `${marks.get(cell.holds)} ${cell.saw.replaceAll('|', '\\|')}`;
}

function version(name: string): string {
  const path = new URL(`../../../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
