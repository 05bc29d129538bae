/**
 * The only importer of lmdb: one ordered map of bytes on disk, and the queue that makes writes durable together. All
 * writes of one turn of the event loop go into one transaction. Its commit has flushed to disk when it returns, so
 * acknowledged writes survive `kill -9` and a power cut. docs/decisions/0002 says how on each system.
 */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open } from 'lmdb';
import { afterPrefix } from '../bson/after-prefix.ts';

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

/** An ordered, durable map of bytes. */
export class Storage {
  private readonly database: Database<Buffer, Buffer>;
  private waiting: Waiting[] = [];
  private scheduled = false;
  private closing: Promise<void> | undefined;
  /** The file of the map, on systems where a write-through can end in the drive's cache and needs a flush after it. */
  private readonly file: number | undefined;
  /** Counts puts and removes, so that a batch can detect whether a failed write has changed something. */
  private changes = 0;
  /** Called inside each transaction after its writes, to store what is in memory until then. */
  beforeCommit: () => void = () => {};
  /** Called after a rollback: what is in memory must be read again. */
  afterAbort: () => void = () => {};

  constructor(folder: string, system: NodeJS.Platform = process.platform) {
    this.database = open<Buffer, Buffer>({
      path: folder,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      cache: false,
      maxDbs: 1,
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
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ work, resolve, reject });
      if (this.scheduled) return;
      this.scheduled = true;
      setImmediate(() => this.commitWaiting());
    });
  }

  /** Finishes queued writes and closes the files. */
  close(): Promise<void> {
    this.commitWaiting();
    this.closing ??= this.database.close().then(() => {
      if (this.file !== undefined) closeSync(this.file);
    });
    return this.closing;
  }

  private commitWaiting(): void {
    this.scheduled = false;
    const batch = this.waiting;
    this.waiting = [];
    if (batch.length === 0) return;
    try {
      const finalize = this.commit(batch);
      for (const answer of finalize) answer();
    } catch (error) {
      this.afterAbort();
      if (batch.length === 1) {
        batch[0]?.reject(error);
        return;
      }
      // One write failed after a change, or the commit failed: each write runs again on its own, so that only the faulty one fails.
      for (const waiting of batch) this.commitAlone(waiting);
    }
  }

  private commitAlone(waiting: Waiting): void {
    try {
      for (const answer of this.commit([waiting])) answer();
    } catch (error) {
      this.afterAbort();
      waiting.reject(error);
    }
  }

  private commit(batch: readonly Waiting[]): (() => void)[] {
    const answers = this.database.transactionSync(() => {
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
    }, COMMIT_BEFORE_RETURN);
    try {
      if (this.file !== undefined) fsyncSync(this.file);
      return answers;
    } catch (error) {
      // It is committed but possibly not on disk: it must be neither acknowledged nor repeated.
      return batch.map(
        ({ reject }) =>
          () =>
            reject(error),
      );
    }
  }
}
