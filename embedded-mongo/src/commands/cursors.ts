/**
 * Open cursors: a query that goes on with getMore. A cursor keeps its position, not an open reader in the store.
 * Cursors that are idle for ten minutes are dropped, and the oldest one of the client with the most when there are too
 * many in all (https://www.mongodb.com/docs/manual/reference/parameters/#mongodb-parameter-param.cursorTimeoutMillis).
 */
import { randomBytes } from 'node:crypto';
import { CommandError } from '../core/errors.ts';
import type { Holding, Memory } from '../store/memory.ts';
import type { Client } from './client.ts';
import { endless, type TimeLimit } from './time-limit.ts';

/** How long an idle cursor lives, as in MongoDB. */
export const CURSOR_IDLE_MS = 10 * 60 * 1000;
/** The limit of open cursors of one connection. */
export const MAX_CURSORS_PER_CONNECTION = 100;
/** The limit of open cursors of all connections. */
export const MAX_CURSORS = 1000;

/** A batch of a reply stays below this; the last document may go over it. */
const BATCH_BYTES = 8 * 1024 * 1024;
const FIRST_BATCH = 101;

/** An open cursor. */
export interface Cursor {
  readonly id: bigint;
  readonly namespace: string;
  /** The connection that opened it. */
  readonly client: number;
  readonly time: TimeLimit;
  readonly documents: Iterator<Buffer, void>;
  /** The document that did not fit into the last batch. */
  pending: Buffer | undefined;
  readonly held: Holding;
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
  private readonly memory: Memory;

  constructor(now: () => number, memory: Memory) {
    this.now = now;
    this.memory = memory;
  }

  /** The number of open cursors. */
  get size(): number {
    return this.open.size;
  }

  /**
   * Takes the first batch; keeps a cursor for the client when there is more and `isSingle` is not set.
   *
   * @throws {CommandError} OperationFailed when the client has too many open.
   */
  start(
    client: Client,
    namespace: string,
    documents: Iterator<Buffer, void>,
    options: { batchSize?: number | undefined; isSingle?: boolean; time?: TimeLimit } = {},
  ): Batch {
    const id = randomBytes(8).readBigInt64LE() & 0x7fffffffffffffffn;
    const cursor: Cursor = {
      id,
      namespace,
      client: client.id,
      time: options.time ?? endless,
      documents,
      pending: undefined,
      held: this.memory.open(),
      usedAt: this.now(),
    };
    const batch = takeOrEnd(cursor, options.batchSize ?? FIRST_BATCH);
    if (batch.isDone || options.isSingle) {
      end(cursor);
      return { documents: batch.documents, cursor: undefined };
    }
    if (this.openOf(client.id).length >= MAX_CURSORS_PER_CONNECTION) {
      end(cursor);
      const reason = `too many open cursors: at most ${MAX_CURSORS_PER_CONNECTION} per connection`;
      throw new CommandError('OperationFailed', reason);
    }
    if (this.open.size >= MAX_CURSORS) this.makeRoom();
    this.open.set(cursor.id, cursor);
    client.cursor = cursor.id;
    return { documents: batch.documents, cursor };
  }

  /**
   * Takes the next batch.
   *
   * @throws {CommandError} CursorNotFound when the cursor was finished, killed or dropped.
   */
  next(id: bigint, namespace: string, batchSize: number | undefined, checkTime?: () => void): Batch {
    const cursor = this.open.get(id);
    if (!cursor) throw new CommandError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new CommandError(
        'Unauthorized',
        `Requested getMore on namespace '${namespace}', but cursor belongs to '${cursor.namespace}'`,
      );
    }
    cursor.usedAt = this.now();
    this.open.delete(id);
    cursor.time.resume(checkTime);
    const batch = takeOrEnd(cursor, batchSize || Number.POSITIVE_INFINITY);
    cursor.time.pause();
    if (batch.isDone) end(cursor);
    // Moved to the end: the first in the map is the least recently used.
    else this.open.set(id, cursor);
    return { documents: batch.documents, cursor: batch.isDone ? undefined : cursor };
  }

  /** Drops a cursor; false when there is none. */
  kill(id: bigint): boolean {
    const cursor = this.open.get(id);
    if (cursor) end(cursor);
    return this.open.delete(id);
  }

  /** Drops the cursors of a namespace that is gone. */
  killNamespace(namespace: string): void {
    for (const cursor of this.open.values()) if (cursor.namespace === namespace) this.kill(cursor.id);
  }

  /** Drops the cursors that are idle for {@link CURSOR_IDLE_MS}. */
  killIdle(): void {
    const oldest = this.now() - CURSOR_IDLE_MS;
    for (const cursor of this.open.values()) if (cursor.usedAt < oldest) this.kill(cursor.id);
  }

  /** Drops all cursors. */
  killAll(): void {
    for (const id of this.open.keys()) this.kill(id);
  }

  private openOf(client: number): Cursor[] {
    return [...this.open.values()].filter((cursor) => cursor.client === client);
  }

  /** Drops the oldest cursor of the client that has most. */
  private makeRoom(): void {
    const counts = new Map<number, number>();
    for (const { client } of this.open.values()) counts.set(client, (counts.get(client) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const oldest = [...this.open.values()].find(({ client }) => counts.get(client) === most);
    if (oldest) this.kill(oldest.id);
  }
}

function end(cursor: Cursor): void {
  cursor.documents.return?.();
  cursor.held.end();
}

/** Takes a batch; an error ends the cursor, a time-out included. */
function takeOrEnd(cursor: Cursor, limit: number): { documents: Buffer[]; isDone: boolean } {
  try {
    cursor.held.end();
    const batch = take(cursor, limit);
    if (cursor.pending) cursor.held.add(cursor.pending.length);
    return batch;
  } catch (error) {
    end(cursor);
    throw error;
  }
}

function take(cursor: Cursor, limit: number): { documents: Buffer[]; isDone: boolean } {
  const documents: Buffer[] = [];
  let bytes = 0;
  while (documents.length < limit) {
    const next = cursor.pending ?? cursor.documents.next().value;
    cursor.pending = undefined;
    if (!next) return { documents, isDone: true };
    cursor.time.check();
    if (documents.length > 0 && bytes + next.length > BATCH_BYTES) {
      cursor.pending = next;
      return { documents, isDone: false };
    }
    documents.push(next);
    bytes += next.length;
  }
  return { documents, isDone: false };
}
