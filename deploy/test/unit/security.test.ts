/** docs/security.md: every number in its tables is the one that the code has. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hopSettings } from '@holdfast/shared/app/hop-settings.ts';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(`${root}docs/security.md`, 'utf8');

/** Rows of five cells whose third is a name in backticks and whose fourth is a file. */
const rows = [
  ...page.matchAll(/^\| ([^|]+) \| ([\d,]+)[^|]* \| `(\w+)` \| ([\w./-]+\.ts) \| [^|]+ \|$/gm),
].map(([, bound = '', number = '', name = '', file = '']) => ({
  bound,
  number: Number(number.replaceAll(',', '')),
  name,
  file,
}));

async function numberOf(name: string, file: string): Promise<unknown> {
  if (file.endsWith('/hop-settings.ts')) {
    const table: Record<string, { readonly fallback: string }> = hopSettings('hop', 0);
    return Number(table[name]?.fallback);
  }
  const exported = (await import(`${root}${file}`)) as Record<string, unknown>;
  if (name in exported) return exported[name];
  // What is not exported is a literal in its file.
  const [, literal] =
    new RegExp(`\\b${name}(?: =|:) ([\\d_]+)[;,]`).exec(readFileSync(root + file, 'utf8')) ?? [];
  return Number(literal?.replaceAll('_', ''));
}

describe('docs/security.md', () => {
  it('has rows that can be read, and all of them are', () => {
    const all = page.split('\n').filter((line) => /^\|.*\.ts \|/.test(line));
    expect(rows.length).toBeGreaterThan(25);
    expect(rows).toHaveLength(all.length);
  });

  it.each(rows)('says of $bound what $name is', async ({ number, name, file }) => {
    expect(await numberOf(name, file)).toBe(number);
  });
});
