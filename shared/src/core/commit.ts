/**
 * The commit that is checked out in a clone, read from git's own files: where the chain runs, git need not be.
 *
 * In a worktree `.git` is a file that names the folder; branches are files of their own or lines of `packed-refs`.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that a clone of this repository has. */
const clone = fileURLToPath(new URL('../../..', import.meta.url));

/** The commit of a clone; `undefined` in a copy without git's files, as in a container. */
export function readCommit(folder = clone): string | undefined {
  const git = resolve(folder, /^gitdir: (.+)$/m.exec(read(folder, '.git') ?? '')?.[1] ?? '.git');
  const head = read(git, 'HEAD')?.trim() ?? '';
  const branch = /^ref: (refs\/\S+)$/.exec(head)?.[1];
  if (branch === undefined) return toCommit(head);
  const shared = resolve(git, read(git, 'commondir')?.trim() ?? '.');
  return (
    toCommit(read(git, branch)) ?? toCommit(read(shared, branch)) ?? toCommit(findPacked(shared, branch))
  );
}

function findPacked(git: string, branch: string): string | undefined {
  const lines = (read(git, 'packed-refs') ?? '').split('\n');
  return lines.find((line) => line.endsWith(` ${branch}`))?.split(' ')[0];
}

function toCommit(text: string | undefined): string | undefined {
  return /^[\da-f]{40}(?:[\da-f]{24})?$/.exec(text?.trim() ?? '')?.[0];
}

function read(folder: string, name: string): string | undefined {
  try {
    return readFileSync(resolve(folder, name), 'utf8');
  } catch {
    return undefined; // there is no such file, or it is a folder
  }
}
