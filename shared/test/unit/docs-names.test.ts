/**
 * What the documents name exists: files, folders, commands. And they speak of the code as it is now.
 *
 * Links are checked in docs-links.test.ts.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const skipped = new Set(['node_modules', 'data', '.git', 'coverage']);
const files = globSync('**/*', { cwd: root, exclude: (name) => skipped.has(name) }).map((path) =>
  path.replaceAll('\\', '/'),
);
const documents = files
  .filter((path) => path.endsWith('.md'))
  // These create the files that they name; tests of the same names in e2e follow them word for word.
  .filter((path) => !/^docs\/(your-own|own-routes)\.md$/.test(path));
const { scripts } = JSON.parse(read('package.json'));

/** What a run leaves behind, and what others' packages have. */
const elsewhere = /^(\.\/)?(data|coverage|node_modules|dist)\b|^server\.json$|^openapi\.json$|^utils\.ts$/;
const isFile = /^[\w@.-]+(\/[\w@.-]+)*\.(ts|md|yaml|json|sh|cfg|conf|http|png)$/;
const isFolder = new RegExp(`^(${topFolders().join('|')})(/[\\w.-]+)+$`);

/** Names that code had once, which no document may use for it. */
const old = new Set(
  `Noun noun handOn HandOn createHandOn Turn Birth Debt bear owing settle Settlement bury lets giveUp doubt isSpared passedOn
  parseBrought Journey Speaker Told lately Lately createLately surfaces Surfaces openSurfaces Unfinished toUnfinished
  boundFaults demandTime demandRoom demandOrigin letOrigins createTurns createLedger createProbes`.split(
    /\s+/,
  ),
);

/** Words of a document that was a plan, or that were true on one day only. */
const stale = /\b(of the design|the design's|in the plan|measured again|today('s)?)\b/gi;

describe('what is named in code exists:', () => {
  it.each(documents)('%s', (path) => {
    expect(findMissing(path, read(path))).toEqual([]);
  });
});

describe('nothing is called by an old name, and nothing is out of date:', () => {
  it.each(documents)('%s', (path) => {
    const text = read(path);
    const names = codeIn(text).flatMap((code) => code.match(/[A-Za-z_$][\w$]*/g) ?? []);
    expect(names.filter((name) => old.has(name))).toEqual([]);
    expect(text.match(stale) ?? []).toEqual([]);
  });
});

describe('the original', () => {
  it.each(documents)('is linked where %s first names it', (path) => {
    const paragraphs = withoutFences(read(path)).split(/\n{2,}/);
    const first = paragraphs.find((text) => !text.startsWith('#') && /\boriginal('s)?\b/i.test(text));
    if (first !== undefined) expect(first).toContain('](https://github.com/casimon-rh/gs-nodejs-demo3)');
  });
});

describe('the check of names', () => {
  it('finds a file, a folder, a name in a file and a command that do not exist', () => {
    const text = [
      'See `docs/gone.md`, `hop.ts`, `gone.ts`, `docs/nowhere`, `npm run gone`, `npm run audit -- --json`,',
      '`hop.ts` (`codeIn`) and `docs-names.test.ts` (`codeIn`).',
    ].join('\n');
    const missing = ['hop.ts (codeIn)', 'docs/gone.md', 'gone.ts', 'docs/nowhere', 'npm run gone'];
    expect(findMissing('docs/page.md', text)).toEqual(missing);
  });
});

function findMissing(document: string, text: string): string[] {
  return [...findMissingNames(text), ...codeIn(text).filter(isMissing)];

  function isMissing(code: string): boolean {
    const [, command] = /^npm run ([\w:-]+)/.exec(code) ?? [];
    if (command !== undefined) return !(command in scripts);
    if (elsewhere.test(code)) return false;
    if (isFile.test(code)) return !isThere(document, code);
    return isFolder.test(code) && !files.includes(code);
  }
}

/** What a table says a file has: `file.ts` (`name`). */
function findMissingNames(text: string): string[] {
  return [...text.matchAll(/`([\w./-]+\.ts)` \(`(\w+)`/g)].flatMap(([, path = '', name = '']) => {
    const holders = files.filter((file) => file === path || file.endsWith(`/${path}`));
    const hasName = holders.some((file) => new RegExp(`\\b${name}\\b`).test(read(file)));
    return hasName ? [] : [`${path} (${name})`];
  });
}

/** By its whole path, by the end of it, or beside the document. */
function isThere(document: string, path: string): boolean {
  const beside = join(document, '..', path).replaceAll('\\', '/');
  return files.some((file) => file === path || file.endsWith(`/${path}`) || file === beside);
}

/** What stands in backticks within a line. */
function codeIn(text: string): string[] {
  return [...withoutFences(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

function withoutFences(text: string): string {
  return text.replace(/^ *(```|~~~)[\s\S]*?^ *\1/gm, '');
}

function topFolders(): string[] {
  return [...new Set(files.filter((path) => path.includes('/')).map((path) => path.split('/')[0] ?? ''))];
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
