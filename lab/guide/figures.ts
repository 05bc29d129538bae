/**
 * `npm run guide`: measures the tables of docs/choosing-settings.md in virtual time and writes them into it.
 *
 * Deterministic: the same code gives the same tables. The progress goes to stderr.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, parseCommandLine, readArguments } from '@holdfast/shared/core/command-line.ts';
import { freeText, toggle } from '@holdfast/shared/core/command-options.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { toGuideFigures } from './guide-figures.ts';
import { fillMarks } from './marks.ts';
import { runCells } from './run-cells.ts';

const command = {
  name: 'npm run guide',
  does: 'Measures the tables of docs/choosing-settings.md, by simulation, and writes them into it.',
  options: {
    only: freeText({
      ...{ value: 'NAMES', form: /^[\w,]+$/, range: 'names of tables with commas' },
      about: 'measures these tables alone, by the names of their marks in the document',
    }),
    print: toggle('prints the tables and changes no file'),
  },
  example: 'npm run guide -- --print',
  notes: 'About two minutes on two cores. The same code gives the same tables.',
} satisfies Command;

const page = new URL('../../docs/choosing-settings.md', import.meta.url);
const { only, print } = readArguments(command, (args) => parseCommandLine(command, args).values, {
  announce,
  complain,
});
const figures = toGuideFigures().filter(({ name }) => only?.split(',').includes(name) ?? true);
const results = await runCells(
  figures.flatMap(({ cells }) => cells),
  (done, of) => {
    if (done % 10 === 0 || done === of) complain(`${done} of ${of} cells measured`);
  },
);
let from = 0;
let text = print ? '' : readFileSync(page, 'utf8');
for (const { name, cells, draw } of figures) {
  const drawn = draw(results.slice(from, from + cells.length));
  from += cells.length;
  if (print) announce(`${name}\n\n${drawn}\n`);
  else text = fillMarks(text, name, drawn);
}
if (!print) writeFileSync(page, text);
