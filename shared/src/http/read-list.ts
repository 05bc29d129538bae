/**
 * Reads a list in small batches and stops when the answer is full or the client has disconnected.
 *
 * No cursor stays open in the database: each batch begins by the index where the last one ended. The memory of a list
 * is bounded, whatever is stored.
 */

import { InvalidError } from '../core/errors.ts';
import { viewOf } from '../delivery/answers.ts';
import type { HopRecord, ListPosition, State } from '../delivery/record.ts';

/** Most bytes of documents in one answer; the first document is always in it. */
export const maxListBytes = 1_000_000;

/** Documents in the first batch and at most in one: with the largest documents one and two megabytes. */
const batchSizes = { first: 10, most: 25 } as const;

/** The query of a list. */
export interface ListQuery {
  readonly state: State;
  readonly limit: number;
  readonly after: ListPosition | undefined;
}

/** One answer: documents as JSON, and where the next one begins; `undefined` when these were the last. */
export interface ListPage {
  readonly texts: readonly string[];
  readonly next: ListPosition | undefined;
}

/** Reads one batch. */
export type ReadBatch = (
  state: State,
  limit: number,
  after: ListPosition | undefined,
) => Promise<readonly HopRecord[]>;

/** When to stop, and how to pause between batches. */
export interface ListOptions {
  readonly isWanted?: () => boolean;
  readonly rest?: () => Promise<void>;
}

/** Reads one page, pausing between batches; returns what it has as soon as `isWanted` is false. */
export async function readList(
  { state, limit, after }: ListQuery,
  read: ReadBatch,
  { isWanted = () => true, rest = async () => undefined }: ListOptions = {},
): Promise<ListPage> {
  const texts: string[] = [];
  let bytes = 0;
  let last = after;
  while (isWanted()) {
    const size = Math.min(toBatchSize(texts.length, bytes), limit - texts.length + 1);
    const batch = await read(state, size, last);
    for (const record of batch) {
      const text = JSON.stringify(viewOf(record));
      bytes += Buffer.byteLength(text) + 1;
      if (texts.length === limit || (texts.length > 0 && bytes > maxListBytes)) return { texts, next: last };
      texts.push(text);
      last = { at: record.at, id: record._id };
    }
    if (batch.length < size) return { texts, next: undefined };
    await rest();
  }
  return { texts, next: last };
}

/** As many as fill the answer if they are as large as those before. */
function toBatchSize(count: number, bytes: number): number {
  if (count === 0) return batchSizes.first;
  const filling = Math.ceil(((maxListBytes - bytes) * count) / bytes) + 1;
  return Math.max(1, Math.min(batchSizes.most, filling));
}

/** Writes a position as an opaque text. */
export function toCursor({ at, id }: ListPosition): string {
  return Buffer.from(JSON.stringify([at.getTime(), id])).toString('base64url');
}

/**
 * Reads what `toCursor` wrote.
 * @throws {InvalidError} for anything else.
 */
export function parseCursor(cursor: string): ListPosition {
  const [at, id, ...more] = cursor.length <= maxCursorLength ? toList(cursor) : [];
  const isTime = typeof at === 'number' && Number.isSafeInteger(at) && Math.abs(at) <= latestMs;
  if (isTime && typeof id === 'string' && more.length === 0) return { at: new Date(at), id };
  const detail = 'Must be what the member "next" of an answer says.';
  throw new InvalidError('The query is invalid.', [{ pointer: '/after', detail }]);
}

const maxCursorLength = 512;
/** The latest time that a `Date` can hold. */
const latestMs = 8.64e15;

function toList(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
