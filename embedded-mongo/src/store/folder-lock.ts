/**
 * One server on a folder: two would decide on data that the other is changing.
 *
 * Process ids do not tell: two containers on one volume are both process 1. So the lock is the kernel's own on a file,
 * which every process and container of a machine meets, no clock can outdate, and `kill -9` ends. Node has no call for
 * one; SQLite, which is inside Node, takes exactly such a lock on every system, and is used for nothing else here.
 */
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A folder that is this server's own. */
export interface FolderLock {
  /** Lets the next server in. */
  release(): void;
}

/** The folder belongs to a server that runs; `holder` says in words which. */
export class FolderTakenError extends Error {
  readonly holder: string;

  constructor(holder: string, options: ErrorOptions) {
    super(`in use by ${holder}`, options);
    this.holder = holder;
  }
}

/** A holder that was just killed may need a moment until the kernel has taken it down. */
const PATIENCE_MS = 1000;
const SQLITE_BUSY = 5;

/**
 * Makes a folder this server's own until it is released or the process ends, in whatever way.
 *
 * @throws {FolderTakenError} when a server runs on it; another error when it cannot be written.
 */
export function lockFolder(folder: string): FolderLock {
  accessSync(folder, constants.W_OK);
  const lock = new DatabaseSync(join(folder, 'server.lock'), { timeout: PATIENCE_MS });
  const name = join(folder, 'server.json');
  try {
    // Nothing is ever written into it, so there is no journal that a crash could leave behind.
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY) {
      throw new FolderTakenError(readHolder(name), { cause });
    }
    throw cause;
  }
  writeFileSync(name, JSON.stringify({ pid: process.pid, host: hostname() }));
  return { release: () => lock.close() };
}

/** Only words for a person: the lock does not depend on them. */
function readHolder(name: string): string {
  try {
    const { pid, host } = JSON.parse(readFileSync(name, 'utf8')) as Record<string, unknown>;
    return host === hostname() ? `process ${Number(pid)}` : `process ${Number(pid)} on ${String(host)}`;
  } catch {
    return 'another process';
  }
}
