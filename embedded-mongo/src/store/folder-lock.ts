/**
 * A folder belongs to one server: two would overwrite each other's data.
 *
 * Process ids are not unique: two containers on one volume both have process 1. So the kernel locks a file, which works
 * across all processes and containers of a machine, does not expire, and ends with `kill -9`. Node has no call for it;
 * SQLite, which is part of Node, takes such a lock on every system, and is used only for that.
 */
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A locked folder. */
export interface FolderLock {
  /** Releases the lock. */
  release(): void;
}

/** The folder belongs to a running server, which `holder` describes. */
export class FolderTakenError extends Error {
  readonly holder: string;

  constructor(holder: string, options: ErrorOptions) {
    super(`in use by ${holder}`, options);
    this.holder = holder;
  }
}

/** The kernel can take a moment to end a holder that was just killed. */
const PATIENCE_MS = 1000;
const SQLITE_BUSY = 5;

/**
 * Locks a folder until it is released or the process ends in any way.
 *
 * @throws {FolderTakenError} when a server uses it; another error when it cannot be written.
 */
export function lockFolder(folder: string): FolderLock {
  accessSync(folder, constants.W_OK);
  const lock = new DatabaseSync(join(folder, 'server.lock'), { timeout: PATIENCE_MS });
  const name = join(folder, 'server.json');
  try {
    // Nothing is written to it, so a crash cannot leave a journal behind.
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

/** Only for the error message; the lock does not depend on it. */
function readHolder(name: string): string {
  try {
    const { pid, host } = JSON.parse(readFileSync(name, 'utf8')) as Record<string, unknown>;
    return host === hostname() ? `process ${Number(pid)}` : `process ${Number(pid)} on ${String(host)}`;
  } catch {
    return 'another process';
  }
}
