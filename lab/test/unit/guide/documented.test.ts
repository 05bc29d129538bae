/** docs/choosing-settings.md says what the rules say, and its tables are those that the code makes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { measureCell } from '../../../guide/cell.ts';
import { toGuideFigures } from '../../../guide/guide-figures.ts';
import { fillMarks, readMarks } from '../../../guide/marks.ts';

const page = readFileSync(new URL('../../../../docs/choosing-settings.md', import.meta.url), 'utf8');
const figures = toGuideFigures();

describe('the page', () => {
  it('has a place for every table, and every place its table', () => {
    const places = [...page.matchAll(/^<!-- (\w+): npm run guide -->$/gm)].map(([, name]) => name);
    expect(places.sort()).toEqual(figures.map(({ name }) => name).sort());
  });

  it.each(['rules', 'example', 'second'])('has the %s that the code has', (name) => {
    expect(readMarks(page, name)).toBe(figures.find((figure) => figure.name === name)?.draw([]));
  });

  it('has in a corner of a table what the code measures', () => {
    const cell = figures.find(({ name }) => name === 'errors')?.cells.at(-1);
    const corner = readMarks(page, 'errors').split('|').at(-2)?.trim();
    expect(cell && measureCell(cell).all.rejectedWhileWell.toFixed(2)).toBe(corner);
  });
});

describe('marks', () => {
  const text = 'a\n<!-- x: npm run guide -->\n\nold\n\n<!-- /x -->\nb\n';

  it('keep what stands around them', () => {
    expect(fillMarks(text, 'x', 'new')).toBe(text.replace('old', 'new'));
  });

  it('that are not there are missed', () => {
    expect(() => fillMarks(text, 'y', 'new')).toThrow('The document has no marks <!-- y: npm run guide -->');
  });
});
