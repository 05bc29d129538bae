/**
 * Every relative link in the documents leads to a file that exists, and to a heading that it has.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const skipped = new Set(['node_modules', 'data', '.git', 'coverage']);
const documents = globSync('**/*.md', { cwd: root, exclude: (name) => skipped.has(name) }).sort();

describe('the links of', () => {
  it.each(documents)('%s lead somewhere', (path) => {
    const file = join(root, path);
    expect(findDeadLinks(file, readFileSync(file, 'utf8'))).toEqual([]);
  });
});

describe('the contents', () => {
  it.each(['docs/README.md', 'docs/decisions/README.md'])(
    '%s leads to every document beside it',
    (contents) => {
      const text = readFileSync(join(root, contents), 'utf8');
      const beside = globSync('*.md', { cwd: join(root, dirname(contents)) }).filter(
        (name) => name !== 'README.md',
      );
      expect(beside.filter((name) => !text.includes(`](${name})`))).toEqual([]);
    },
  );
});

describe('the check of links', () => {
  const here = join(root, 'docs/page.md');

  it('finds a missing file and a missing heading', () => {
    const text = 'A [file](nowhere.md), a [heading](../README.md#no-such-heading) and\n\n[a]: gone/too.md\n';
    expect(findDeadLinks(here, text)).toEqual(['nowhere.md', '../README.md#no-such-heading', 'gone/too.md']);
  });

  it('leaves alone what is elsewhere or in code', () => {
    const text = '[a](https://example.com/x.md) `[b](x.md)`\n```\n[c](x.md)\n```\n';
    expect(findDeadLinks(here, text)).toEqual([]);
  });
});

function findDeadLinks(file: string, text: string): string[] {
  const prose = withoutCode(text);
  const inline = prose.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g);
  const listed = prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm);
  const targets = [...inline, ...listed].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z][a-z+.-]*:/i.test(target) && !leadsSomewhere(file, target));
}

function leadsSomewhere(file: string, target: string): boolean {
  const [path = '', heading] = decodeURI(target).split('#');
  const goal = path === '' ? file : join(dirname(file), path);
  if (relative(root, goal).startsWith('..') || !existsSync(goal)) return false;
  return heading === undefined || headingsOf(readFileSync(goal, 'utf8')).includes(heading);
}

/** The anchors that GitHub makes of a document's headings. */
function headingsOf(text: string): string[] {
  return [...withoutFences(text).matchAll(/^#{1,6} +(.+)$/gm)].map(([, title = '']) =>
    title
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

function withoutCode(text: string): string {
  return withoutFences(text).replace(/`[^`\n]*`/g, '');
}

function withoutFences(text: string): string {
  return text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
}
