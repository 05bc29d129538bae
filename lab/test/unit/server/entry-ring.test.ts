/** What a page gets when it comes, and when it comes back. */
import { describe, expect, it } from 'vitest';
import { createEntryRing, type NewEntry } from '../../../server/entry-ring.ts';
import type { LabEntry } from '../../../server/wire.ts';

function entry(at: number, change: object = {}): NewEntry {
  const url = 'http://order:3000';
  return { event: 'transition', at, origin: 'order', url, name: 'order→payment', ...change } as NewEntry;
}

function ringWith(count: number) {
  const ring = createEntryRing('boot');
  for (let at = 1; at <= count; at += 1) ring.add(entry(at));
  return ring;
}

const ids = (entries: readonly { id: string }[]) => entries.map(({ id }) => id);

describe('an event', () => {
  it('gets a place in the stream of the lab', () => {
    const ring = createEntryRing('boot');
    const kept = ring.add(entry(7));
    expect(kept).toMatchObject({ id: 'boot-1', event: 'transition', at: 7 });
    expect(JSON.parse(kept.text)).toEqual({
      event: 'transition',
      id: 'boot-1',
      at: 7,
      name: 'order→payment',
      origin: 'order',
      url: 'http://order:3000',
    });
  });
});

describe('rejections', () => {
  const rejections = (at: number, change: object = {}) =>
    entry(at * 1000, { event: 'rejections', total: at, ...change });
  const rows = (entries: readonly NewEntry[]) => {
    const ring = createEntryRing('boot');
    for (const one of entries) ring.add(one);
    return ring.all().map(({ text }) => {
      const { event, since, at } = JSON.parse(text);
      return event === 'rejections' ? `${since / 1000}-${at / 1000}` : event;
    });
  };

  it('of one breaker in a row are one event since the first of them', () => {
    expect(rows([rejections(1), rejections(2), rejections(3)])).toEqual(['1-3']);
  });

  it('of two breakers are two rows', () => {
    const others = { url: 'http://order:3001' };
    expect(rows([rejections(1), rejections(2, others), rejections(3), rejections(4, others)])).toEqual([
      '1-3',
      '2-4',
    ]);
  });

  it('begin a new row when something else happened to the breaker, or nothing for 30 s', () => {
    expect(rows([rejections(1), entry(2000), rejections(3), rejections(40)])).toEqual([
      '1-1',
      'transition',
      '3-3',
      '40-40',
    ]);
  });

  it('go on in their row for a page that comes back, and for a lab that was started again', () => {
    const ring = createEntryRing('boot');
    ring.add(rejections(1));
    ring.add(rejections(2));
    const { missed, gap } = ring.replay('boot-1');
    expect([gap, ids(missed), missed[0]?.since]).toEqual([false, ['boot-2'], 1000]);
    const next = createEntryRing('next');
    next.restore(ring.all().map(({ text }) => JSON.parse(text)));
    expect([next.add(rejections(3)).since, next.all().length]).toEqual([1000, 1]);
  });
});

describe('a page', () => {
  it('of an earlier life of the lab gets what came after its last event, when that was restored', () => {
    const ring = createEntryRing('next');
    ring.restore([1, 2, 3].map((at) => ({ ...entry(at), id: `boot-${at}` }) as LabEntry));
    ring.add(entry(4));
    const { gap, missed } = ring.replay('boot-2');
    expect([gap, ids(missed)]).toEqual([false, ['boot-3', 'next-1']]);
  });

  it('that is new begins with the newest 200 by time and misses nothing', () => {
    const ring = createEntryRing('boot');
    ring.add(entry(500));
    for (let at = 1; at <= 250; at += 1) ring.add(entry(at, { origin: 'payment' }));
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
