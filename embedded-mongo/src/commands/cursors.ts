/**
 * Open cursors: a query that goes on with getMore. A cursor keeps the place it has reached, not a reader in the store.
 * Cursors that nobody asked for in ten minutes are dropped (https://www.mongodb.com/docs/manual/reference/parameters/#mongodb-parameter-param.cursorTimeoutMillis).
 */
import { randomBytes } from 'node:crypto';
import { CommandError } from '../errors.ts';
import type { Client } from './context.ts';

/** How long an idle cursor lives, as in MongoDB. */
export const CURSOR_IDLE_MS = 10 * 60 * 1000;

/** A batch of a reply stays below this; the last document may go over it. */
const BATCH_BYTES = 8 * 1024 * 1024;
const FIRST_BATCH = 101;

/** An open cursor. */
export interface Cursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly documents: Iterator<Buffer, void>;
  /** The document that did not fit into the last batch. */
  pending: Buffer | undefined;
  usedAt: number;
}

/** A batch, and the cursor that holds the rest, if any. */
export interface Batch {
  readonly documents: Buffer[];
  readonly cursor: Cursor | undefined;
}

/** The cursors of one server. */
export class Cursors {
  private readonly open = new Map<bigint, Cursor>();
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /** How many cursors are open. */
  get size(): number {
    return this.open.size;
  }

  /** Takes the first batch; keeps a cursor for the client when there is more and `isSingle` is not set. */
  start(
    client: Client,
    namespace: string,
    documents: Iterator<Buffer, void>,
    options: { batchSize?: number | undefined; isSingle?: boolean } = {},
  ): Batch {
    const id = randomBytes(8).readBigInt64LE() & 0x7fffffffffffffffn;
    const cursor: Cursor = {
      id,
      namespace,
      documents,

      pending: undefined,
      usedAt: this.now(),
    };
    const batch = take(cursor, options.batchSize ?? FIRST_BATCH);
    if (batch.isDone || options.isSingle) {
      documents.return?.();
      return { documents: batch.documents, cursor: undefined };
    }
    this.open.set(cursor.id, cursor);
    client.cursor = cursor.id;
    return { documents: batch.documents, cursor };
  }

  /**
   * Takes the next batch.
   *
   * @throws {CommandError} CursorNotFound when the cursor was finished, killed or forgotten.
   */
  next(id: bigint, namespace: string, batchSize: number | undefined): Batch {
    const cursor = this.open.get(id);
    if (!cursor) throw new CommandError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new CommandError(
        'Unauthorized',
        `Requested getMore on namespace '${namespace}', but cursor belongs to '${cursor.namespace}'`,
      );
    }
    cursor.usedAt = this.now();
    const batch = take(cursor, batchSize || Number.POSITIVE_INFINITY);
    if (batch.isDone) this.open.delete(id);
    return { documents: batch.documents, cursor: batch.isDone ? undefined : cursor };
  }

  /** Drops a cursor; false when there is none. */
  kill(id: bigint): boolean {
    this.open.get(id)?.documents.return?.();
    return this.open.delete(id);
  }

  /** Drops the cursors of a namespace that is gone. */
  killNamespace(namespace: string): void {
    for (const cursor of this.open.values()) if (cursor.namespace === namespace) this.kill(cursor.id);
  }

  /** Drops the cursors nobody asked for in {@link CURSOR_IDLE_MS}. */
  killIdle(): void {
    const oldest = this.now() - CURSOR_IDLE_MS;
    for (const cursor of this.open.values()) if (cursor.usedAt < oldest) this.kill(cursor.id);
  }

  /** Drops all cursors. */
  killAll(): void {
    for (const id of this.open.keys()) this.kill(id);
  }
}

function take(cursor: Cursor, limit: number): { documents: Buffer[]; isDone: boolean } {
  const documents: Buffer[] = [];
  let bytes = 0;
  while (documents.length < limit) {
    const next = cursor.pending ?? cursor.documents.next().value;
    cursor.pending = undefined;
    if (!next) return { documents, isDone: true };
    if (documents.length > 0 && bytes + next.length > BATCH_BYTES) {
      cursor.pending = next;
      return { documents, isDone: false };
    }
    documents.push(next);
    bytes += next.length;
  }
  return { documents, isDone: false };
}
