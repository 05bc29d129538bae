/**
 * The lab's files: its history, so that it survives a restart. Lines are appended once a second, a file takes five
 * minutes, and files older than the history are deleted.
 *
 * Nothing about them stops the lab: what cannot be read or written is one warning, and the history is kept in memory.
 */
import { appendFile, mkdir, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@holdfast/shared/observability/log.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import { type HistoryLine, header, type ReadLines, readLines, toLine } from './history-lines.ts';
import { keptMs } from './kept.ts';

/** The files of one lab. */
export interface HistoryFiles {
  /** What earlier lives of the lab left. */
  readonly read: ReadLines;
  /** Adds a line to those that wait. */
  add(line: HistoryLine): void;
  /** Writes the lines that wait, unless the last ones are still being written. */
  write(): Promise<void>;
}

/** What the files need. */
export interface HistoryFilesOptions {
  /** Its folder; empty keeps nothing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
}

/** The time that one file takes. */
const partMs = 300_000;
/** The largest file that is begun or read, in bytes. */
const maxPartBytes = 8_000_000;
/** Files that are kept; with bigger ones less than 30 minutes are. */
const maxParts = 12;
/** Characters that wait at most while nothing can be written. */
const maxWaiting = 4_000_000;
const partName = /^history-(\d{13})\.jsonl$/;

/** Opens the folder and reads what is in it. Never rejects. */
export async function openHistoryFiles({ folder, clock, log }: HistoryFilesOptions): Promise<HistoryFiles> {
  let isBroken = false;
  const warn = (what: string, error: unknown) => {
    if (!isBroken) log.warn({ event: 'history', folder }, `${what}: ${toWords(error)}`);
    isBroken = true;
  };
  if (folder === '') return { read: readLines([], { from: 0, to: 0 }), add: () => {}, write: async () => {} };

  const texts = await readAll(folder, warn);
  const read = readLines(texts, { from: clock() - keptMs, to: clock() });
  if (read.bad > 0)
    warn(
      `Of the history in ${folder} something cannot be read and is left out`,
      `${read.bad} lines are torn or foreign`,
    );

  let waiting = '';
  let writing: Promise<void> | undefined;
  let part = '';
  let partAt = 0;
  let partBytes = 0;
  let isTorn = false;

  return {
    read,
    add(line) {
      if (waiting.length < maxWaiting) waiting += toLine(line);
    },
    write() {
      writing ??= append().finally(() => {
        writing = undefined;
      });
      return writing;
    },
  };

  async function append(): Promise<void> {
    if (waiting === '') return;
    try {
      if (clock() - partAt >= partMs || partBytes > maxPartBytes) await beginPart();
      // What was cut off by a full disk must not spoil the next line.
      const text = `${isTorn ? '\n' : ''}${partBytes === 0 ? header : ''}${waiting}`;
      waiting = '';
      isTorn = true;
      await appendFile(part, text, { mode: 0o600 });
      isTorn = false;
      partBytes += text.length;
      isBroken = false;
    } catch (error) {
      warn(`The history cannot be written to ${folder}; it is kept in memory`, error);
    }
  }

  async function beginPart(): Promise<void> {
    const at = Math.round(clock());
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const parts = await listParts(folder);
    // The next file says when the one before it ended.
    const gone = parts.filter(
      (_, index) => (parts[index + 1]?.at ?? at) < at - keptMs || index < parts.length - maxParts + 1,
    );
    // A folder of that name is not the lab's; it stays.
    for (const { path } of gone) await unlink(path).catch(() => {});
    part = join(folder, `history-${`${at}`.padStart(13, '0')}.jsonl`);
    partAt = at;
    partBytes = 0;
    isTorn = false;
  }
}

async function listParts(folder: string): Promise<{ path: string; at: number }[]> {
  const names = await readdir(folder);
  return names
    .toSorted()
    .flatMap((name) =>
      partName.test(name) ? [{ path: join(folder, name), at: Number(partName.exec(name)?.[1]) }] : [],
    );
}

/** The texts of all files, the oldest first; what is no file of a lab is left out. */
async function readAll(folder: string, warn: (what: string, error: unknown) => void): Promise<string[]> {
  const texts: string[] = [];
  try {
    for (const { path } of (await listParts(folder)).slice(-maxParts)) {
      const text = await readPart(path).catch((error: unknown) => {
        warn(`${path} is left out of the history`, error);
        return '';
      });
      texts.push(text);
    }
  } catch (error) {
    if (!isMissing(error)) warn(`The history in ${folder} cannot be read`, error);
  }
  return texts;
}

async function readPart(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > 2 * maxPartBytes) throw new Error(`it has ${size} bytes`);
  const text = await readFile(path, 'utf8');
  if (!text.includes(header)) throw new Error('it is not a history of a lab');
  return text;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function toWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
