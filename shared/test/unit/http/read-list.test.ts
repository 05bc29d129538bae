/** A list is read in batches, within its bounds, and for nobody who has left. */
import { expect, it, vi } from 'vitest';
import type { HopRecord } from '../../../src/delivery/record.ts';
import {
  maxListBytes,
  parseCursor,
  type ReadBatch,
  readList,
  toCursor,
} from '../../../src/http/read-list.ts';

const at = new Date(1_700_000_000_000);

/** So many documents of one moment, each with so many bytes. */
function createReader(count: number, bytes: number) {
  const records = Array.from({ length: count }, (_, number) => {
    const _id = `${number}`.padStart(4, '0');
    return { _id, state: 'accepted', at, dups: 0, result: null, body: { text: 'x'.repeat(bytes) } };
  }) as unknown as HopRecord[];
  return vi.fn<ReadBatch>(async (_state, limit, after) =>
    records.filter(({ _id }) => after === undefined || _id > after.id).slice(0, limit),
  );
}

const all = { state: 'accepted', limit: 1000, after: undefined } as const;

it('what does not fit is neither read nor kept: of a hundred large documents thirteen are read', async () => {
  const read = createReader(100, 90_000);
  const { texts, next } = await readList(all, read);
  expect(texts.join().length).toBeLessThanOrEqual(maxListBytes);
  expect([texts.length, next?.id]).toEqual([11, '0010']);
  expect(read.mock.calls.map(([, limit]) => limit)).toEqual([10, 3]);
});

it('one document that is too large alone is an answer', async () => {
  const { texts, next } = await readList(all, createReader(2, maxListBytes));
  expect([texts.length, next?.id]).toEqual([1, '0000']);
});

it('no batch has more than 25, however many are asked for', async () => {
  const read = createReader(100, 10);
  const { texts, next } = await readList(all, read);
  expect([texts.length, next]).toEqual([100, undefined]);
  expect(Math.max(...read.mock.calls.map(([, limit]) => limit))).toBe(25);
});

it.each([1, 24, 25, 26, 99])('a limit of %i is kept, and the list goes on behind it', async (limit) => {
  const { texts, next } = await readList({ ...all, limit }, createReader(100, 10));
  expect([texts.length, next?.id]).toEqual([limit, `${limit - 1}`.padStart(4, '0')]);
});

it('nothing is read for who has left', async () => {
  const read = createReader(100, 10);
  let asked = 0;
  await readList(all, read, { isWanted: () => ++asked < 3 });
  expect(read).toHaveBeenCalledTimes(2);
});

it('a position is a word that comes back as it was', () => {
  const position = { at, id: 'a.b_c:d-1' };
  expect(toCursor(position)).toMatch(/^[\w-]+$/);
  expect(parseCursor(toCursor(position))).toEqual(position);
});
