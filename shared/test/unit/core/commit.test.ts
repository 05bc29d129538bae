/** The commit of a clone, from the files that git writes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readCommit } from '@holdfast/shared/core/commit.ts';
import { expect, it, onTestFinished } from 'vitest';

const commit = 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678';
const other = commit.replace('a1', 'ff');

/** A folder with these files. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-commit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

it.each([
  ['a branch', { '.git/HEAD': 'ref: refs/heads/w/cli\n', '.git/refs/heads/w/cli': `${commit}\n` }],
  ['no branch', { '.git/HEAD': `${commit}\n` }],
  [
    'a packed branch',
    {
      '.git/HEAD': 'ref: refs/heads/main\n',
      '.git/packed-refs': `# pack-refs\n${other} refs/heads/old/refs/heads/main\n${commit} refs/heads/main\n^${other}\n`,
    },
  ],
  [
    'a worktree',
    {
      '.git': 'gitdir: main/.git/worktrees/one\n',
      'main/.git/worktrees/one/HEAD': 'ref: refs/heads/one\n',
      'main/.git/worktrees/one/commondir': '../..\n',
      'main/.git/refs/heads/one': commit,
    },
  ],
])('is read with %s', (_what, files) => {
  expect(readCommit(folderWith(files))).toBe(commit);
});

it.each([
  ['no clone', {}],
  ['a branch without a commit', { '.git/HEAD': 'ref: refs/heads/new\n' }],
  ['a HEAD that is none', { '.git/HEAD': 'ref: ../../etc/passwd\n' }],
  ['a branch file that is none', { '.git/HEAD': 'ref: refs/heads/a\n', '.git/refs/heads/a': 'secret' }],
])('is not known with %s', (_what, files) => {
  expect(readCommit(folderWith(files))).toBeUndefined();
});
