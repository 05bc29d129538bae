/**
 * The only importer of lmdb: one ordered map of bytes on disk, and the queue that makes writes durable together.
 * Every write of one turn of the event loop goes into one transaction; its commit has flushed to disk when it returns,
 * so what is acknowledged afterwards survives `kill -9` and a power cut.
 */
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
/** lmdb's flag for a transaction that is committed when the call returns; with overlapping sync also flushed. */
const COMMIT_BEFORE_RETURN = 0x10002 as never;

/** An ordered, durable map of bytes. */
export class Storage {
  private readonly database: Database<Buffer, Buffer>;
  private waiting: Waiting[] = [];
  private scheduled = false;
  private closing: Promise<void> | undefined;
  /** Counts puts and removes, so that a batch knows whether a failed piece of work left something behind. */
  private changes = 0;
  /** Called inside each transaction after its work, to store what is kept in memory until then. */
  beforeCommit: () => void = () => {};
  /** Called after a transaction was undone: what is kept in memory must be read again. */
  afterAbort: () => void = () => {};

  constructor(folder: string) {
    this.database = open<Buffer, Buffer>({
      path: folder,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      cache: false,
      maxDbs: 1,
    });
  }

  /** Process ids that have this folder open, this one's own left out. */
  otherProcesses(): number[] {
    this.database.getBinary(Buffer.from([1]));
    this.database.readerCheck();
    const ids = [...this.database.readerList().matchAll(/^\s*(\d+)\s/gm)].map((match) => Number(match[1]));
    return ids.filter((id) => id !== process.pid);
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
   * Reads a range piece by piece. No reader stays open between pieces, so a slow consumer holds up nobody;
   * what is written meanwhile may or may not be seen, as with MongoDB's cursors.
   * `expected` is how many entries the caller may need; the first piece is no larger.
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
   * Runs work that writes, alone among all other work, and resolves with its result once that is on disk.
   * Work that throws is undone completely.
   */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ work, resolve, reject });
      if (this.scheduled) return;
      this.scheduled = true;
      setImmediate(() => this.commitWaiting());
    });
  }

  /** Finishes the writes that wait and closes the files. */
  close(): Promise<void> {
    this.commitWaiting();
    this.closing ??= this.database.close();
    return this.closing;
  }

  private commitWaiting(): void {
    this.scheduled = false;
    const batch = this.waiting;
    this.waiting = [];
    if (batch.length === 0) return;
    try {
      const settle = this.commit(batch);
      for (const answer of settle) answer();
    } catch (error) {
      this.afterAbort();
      if (batch.length === 1) {
        batch[0]?.reject(error);
        return;
      }
      // One piece of work failed half done, or the commit did: each piece again, alone, so that only the guilty one fails.
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
    return this.database.transactionSync(() => {
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
  }
}
