/** The table of folders in docs/architecture.md is the one that the imports keep. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findUpward } from '../support/import-rules.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

it('every folder of shared/src is in docs/architecture.md, and imports only from those below it', () => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const folders = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, folder = '']) => folder);
  const sources = globSync('shared/src/**/*.ts', { cwd: root }).map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(join(root, path), 'utf8'),
  }));
  expect(new Set(sources.map(({ path }) => path.split('/')[2]))).toEqual(new Set(folders));
  expect(findUpward(sources, 'shared/src', folders)).toEqual([]);
});
