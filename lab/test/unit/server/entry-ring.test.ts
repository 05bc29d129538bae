/** What a page gets when it comes, and when it comes back. */
import type { StreamEntry } from '@holdfast/shared/observability/wire.ts';
import { describe, expect, it } from 'vitest';
import { createEntryRing } from '../../../server/entry-ring.ts';

function entry(at: number, event = 'transition'): StreamEntry {
  return { event, id: `theirs-${at}`, at, name: 'order→payment' } as unknown as StreamEntry;
}

function ringWith(count: number) {
  const ring = createEntryRing('boot');
  for (let at = 1; at <= count; at += 1) ring.add('order', entry(at));
  return ring;
}

const ids = (entries: readonly { id: string }[]) => entries.map(({ id }) => id);

describe('an event', () => {
  it('gets a place in the stream of the lab and the name of its service', () => {
    const ring = createEntryRing('boot');
    const kept = ring.add('order', entry(7));
    expect(kept).toMatchObject({ id: 'boot-1', event: 'transition', at: 7 });
    expect(JSON.parse(kept.text)).toEqual({
      event: 'transition',
      id: 'boot-1',
      at: 7,
      name: 'order→payment',
      origin: 'order',
    });
  });
});

describe('a page', () => {
  it('that is new begins with the newest 200 by time and misses nothing', () => {
    const ring = createEntryRing('boot');
    ring.add('order', entry(500));
    for (let at = 1; at <= 250; at += 1) ring.add('payment', entry(at));
    const { gap, history, missed } = ring.replay(undefined);
    expect({
      gap,
      missed,
      count: history.length,
      newest: history.at(-1)?.at,
      oldest: history[0]?.at,
    }).toEqual({
      gap: false,
      missed: [],
      count: 200,
      newest: 500,
      oldest: 52,
    });
  });

  it('that comes back gets what it missed, and the rest as history', () => {
    const { gap, history, missed } = ringWith(5).replay('boot-3');
    expect({ gap, history: ids(history), missed: ids(missed) }).toEqual({
      gap: false,
      history: ['boot-1', 'boot-2', 'boot-3'],
      missed: ['boot-4', 'boot-5'],
    });
  });

  it('that has seen everything misses nothing, even before the first event', () => {
    expect(ringWith(0).replay('boot-0')).toEqual({ gap: false, history: [], missed: [] });
    expect(ringWith(2).replay('boot-2')).toMatchObject({ gap: false, missed: [] });
  });

  it('that was away for the last 500 events misses none of them', () => {
    const { gap, missed } = ringWith(600).replay('boot-100');
    expect({ gap, count: missed.length }).toEqual({ gap: false, count: 500 });
  });

  it.each([
    ['was away for longer', 'boot-99'],
    ['comes from another life of the lab', 'other-550'],
    ['claims an event that never was', 'boot-601'],
    ['says something else', 'nonsense'],
  ])('that %s begins again with the history, and is told so', (_why, id) => {
    const { gap, history, missed } = ringWith(600).replay(id);
    expect({ gap, count: history.length, missed }).toEqual({ gap: true, count: 200, missed: [] });
  });
});
