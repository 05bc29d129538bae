/**
 * The only importer of lmdb: one ordered map of bytes on disk, and the queue that makes writes durable together. The
 * writes that arrive during a flush go into the next transaction. Where flushes are slow, another thread commits and flushes
 * it. Only then are they acknowledged, so they survive `kill -9` and a power cut. docs/decisions/0002 and 0023 say how.
 */
import { closeSync, fsync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Database, open } from 'lmdb';
import { afterPrefix } from '../bson/after-prefix.ts';
import { createFlushTimes, type FlushTimes } from './flush-times.ts';

/** One entry of the map. */
export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** A range of keys: from `start` (included) to `end` (excluded), read from the other end when `reverse`. */
export interface Range {
  readonly start: Buffer;
  readonly end: Buffer;
  readonly reverse?: boolean;
}

interface Waiting {
  readonly work: () => unknown;
  readonly isStructural: boolean;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** The longest key lmdb takes at its usual page size. */
export const MAX_KEY_BYTES = 1978;

const FIRST_CHUNK = 16;
const LARGEST_CHUNK = 512;
/**
 * The same order everywhere: pages, flush, then the page that makes them valid, written through. lmdb-js would flush
 * after the commit on all systems but Windows: a flush that fails could then no longer take the commit back.
 */
const DURABLE = {
  overlappingSync: false,
  noSync: false,
  noMetaSync: false,
  useWritemap: false,
  mapAsync: false,
} as const;
/** Commit before the call returns. With lmdb's 0x10000 added, Windows would flush nothing at all. */
const COMMIT_BEFORE_RETURN = 2 as never;

const flush = promisify(fsync);
const endOfTurn = promisify(setImmediate);

/** An ordered, durable map of bytes. */
export class Storage {
  private readonly database: Database<Buffer, Buffer>;
  private waiting: Waiting[] = [];
  /** Runs until nothing waits. */
  private committing: Promise<void> | undefined;
  /** False after a failed commit: lmdb's thread would wait forever for a broken file, while a commit here says what is wrong. */
  private isSound = true;
  private readonly flushTimes: FlushTimes;
  private closing: Promise<void> | undefined;
  /** The file of the map, on systems where a write-through can end in the drive's cache and needs a flush after it. */
  private readonly file: number | undefined;
  /** Counts puts and removes, so that a batch can detect whether a failed write has changed something. */
  private changes = 0;
  /** Called inside each transaction after its writes, to store what is in memory until then. */
  beforeCommit: () => void = () => {};
  /** Called after a rollback: what is in memory must be read again. */
  afterAbort: () => void = () => {};

  constructor(folder: string, system: NodeJS.Platform = process.platform, flushTimes = createFlushTimes()) {
    this.flushTimes = flushTimes;
    this.database = open<Buffer, Buffer>({
      path: folder,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      cache: false,
      maxDbs: 1,
      // lmdb's own batches would reject a promise that nobody holds when a commit fails, which ends the process.
      eventTurnBatching: false,
      ...DURABLE,
    });
    this.file = system === 'linux' ? undefined : openSync(join(folder, 'data.mdb'), 'r+');
  }

  /** Reads a value. */
  get(key: Buffer): Buffer | undefined {
    if (key.length > MAX_KEY_BYTES) return undefined;
    return this.database.getBinary(key) as Buffer | undefined;
  }

  /** Writes a value; only inside the work of {@link write}. */
  put(key: Buffer, value: Buffer): void {
    this.changes++;
    this.database.putSync(key, value);
  }

  /** Removes a key; only inside the work of {@link write}. */
  remove(key: Buffer): void {
    this.changes++;
    this.database.removeSync(key);
  }

  /**
   * Reads a range in chunks. No reader stays open between chunks, so a slow consumer blocks no writer; writes in
   * between may or may not be seen, as with MongoDB's cursors. `expected` is the number of entries that the caller
   * probably needs; the first chunk is no larger.
   */
  *scan(range: Range, expected = FIRST_CHUNK): Generator<Entry, void, undefined> {
    const reverse = range.reverse ?? false;
    // A bound longer than any key is cut: the range then holds a little more, never less.
    const low = range.start.subarray(0, MAX_KEY_BYTES) as Buffer;
    const high =
      range.end.length > MAX_KEY_BYTES ? afterPrefix(range.end.subarray(0, MAX_KEY_BYTES)) : range.end;
    if (Buffer.compare(low, high) >= 0) return;
    let from = reverse ? high : low;
    let isFirst = true;
    for (let limit = Math.min(expected, FIRST_CHUNK); ; limit = Math.min(limit * 4, LARGEST_CHUNK)) {
      const options = {
        start: from,
        end: reverse ? low : high,
        reverse,
        limit,
        exclusiveStart: reverse || !isFirst,
        inclusiveEnd: reverse,
      };
      const chunk = [...this.database.getRange(options)] as unknown as Entry[];
      yield* chunk;
      if (chunk.length < limit) return;
      from = (chunk[limit - 1] as Entry).key;
      isFirst = false;
    }
  }

  /**
   * Runs a write exclusively, and resolves with its result once that is on disk. A write that throws is rolled back
   * completely.
   */
  write<T>(work: () => T): Promise<T> {
    return this.enqueue(work, false);
  }

  /** A write that changes what readers go by, as an index: nothing is read between its work and its commit. */
  restructure<T>(work: () => T): Promise<T> {
    return this.enqueue(work, true);
  }

  /** Finishes queued writes and closes the files. */
  close(): Promise<void> {
    this.closing ??= Promise.resolve(this.committing)
      .then(() => this.database.close())
      .then(() => {
        if (this.file !== undefined) closeSync(this.file);
      });
    return this.closing;
  }

  private enqueue<T>(work: () => T, isStructural: boolean): Promise<T> {
    if (this.closing) return Promise.reject(new Error('the store is closed'));
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ work, isStructural, resolve, reject });
      this.committing ??= this.commitWaiting();
    });
  }

  private async commitWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      const isAside = this.isSound && !this.waiting[0]?.isStructural && this.flushTimes.areSlow();
      if (isAside) await this.commitAside();
      else await endOfTurn().then(() => this.commitHere(this.takeWaiting()));
    }
    this.committing = undefined;
  }

  /** Takes what can be committed together; structural writes go alone. */
  private takeWaiting(): readonly Waiting[] {
    const next = this.waiting.findIndex(({ isStructural }) => isStructural);
    return this.waiting.splice(0, next < 0 ? this.waiting.length : Math.max(next, 1));
  }

  /** Runs the writes that wait by the time the transaction begins; another thread commits and flushes them. */
  private async commitAside(): Promise<void> {
    let batch: readonly Waiting[] = [];
    let answers: readonly (() => void)[] = [];
    let isFlushed = () => {};
    try {
      await this.database.transactionAsync(() => {
        batch = this.takeWaiting();
        answers = this.runApart(batch);
        isFlushed = this.flushTimes.begin();
      });
    } catch (error) {
      // lmdb keeps the reason in another promise; the commit of each write by itself will say it again.
      (error as { commitError?: Promise<unknown> }).commitError?.catch(() => undefined);
      this.isSound = false;
      this.afterAbort();
      for (const waiting of batch) this.commitHere([waiting]);
      return;
    }
    try {
      if (this.file !== undefined) await flush(this.file);
    } catch (error) {
      refuse(batch, error);
      return;
    }
    isFlushed();
    for (const answer of answers) answer();
  }

  /** Commits and flushes while everything else waits. */
  private commitHere(batch: readonly Waiting[]): void {
    let answers: readonly (() => void)[];
    let isFlushed = () => {};
    try {
      answers = this.database.transactionSync(() => {
        const done = this.run(batch);
        isFlushed = this.flushTimes.begin();
        return done;
      }, COMMIT_BEFORE_RETURN);
      this.isSound = true;
    } catch (error) {
      this.isSound = false;
      this.afterAbort();
      // One write failed after a change, or the commit failed: each write runs again on its own, so that only the faulty one fails.
      if (batch.length === 1) refuse(batch, error);
      else for (const waiting of batch) this.commitHere([waiting]);
      return;
    }
    try {
      if (this.file !== undefined) fsyncSync(this.file);
    } catch (error) {
      refuse(batch, error);
      return;
    }
    isFlushed();
    for (const answer of answers) answer();
  }

  /** Runs writes inside the transaction of another thread. One that fails after a change is rolled back by itself. */
  private runApart(batch: readonly Waiting[]): readonly (() => void)[] {
    try {
      return this.database.childTransaction(() => this.run(batch)) as unknown as readonly (() => void)[];
    } catch (error) {
      this.afterAbort();
      if (batch.length === 1) return [() => refuse(batch, error)];
      return batch.flatMap((waiting) => this.runApart([waiting]));
    }
  }

  private run(batch: readonly Waiting[]): readonly (() => void)[] {
    const answers = batch.map(({ work, resolve, reject }) => {
      const before = this.changes;
      try {
        const result = work() as never;
        return () => resolve(result);
      } catch (error) {
        if (this.changes !== before) throw error;
        return () => reject(error);
      }
    });
    this.beforeCommit();
    return answers;
  }
}

/** After a commit whose flush failed, too: it is committed but possibly not on disk, so it is neither acknowledged nor repeated. */
function refuse(batch: readonly Waiting[], error: unknown): void {
  for (const { reject } of batch) reject(error);
}
