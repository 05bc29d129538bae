/** The memory behind the stream: what it keeps, what it replays, and when it has to say that something is lost. */
import { describe, expect, it } from 'vitest';
import type { FaultChange } from '../../../src/faults/fault-events.ts';
import { createEvents } from '../../../src/observability/events.ts';
import { createStream, keptEntries } from '../../../src/observability/stream.ts';

const fault: FaultChange['fault'] = {
  name: 'flaky',
  type: 'error',
  phase: 'before',
  rate: 0.6,
  status: 503,
  ms: 0,
  jitterMs: 0,
  match: null,
  times: null,
  seed: null,
  seen: 0,
  hits: 0,
  since: 0,
  expiresAt: 60_000,
  leftMs: 60_000,
};

function create() {
  const events = createEvents();
  const stream = createStream(events, { service: 'front', instance: 'box:1' });
  const emit = (times: number) => {
    for (let at = 1; at <= times; at += 1) events.emit('fault', { at, change: 'on', reason: null, fault });
  };
  return { stream, events, emit, boot: stream.lastId().replace('-0', '') };
}

describe('the memory of a stream', () => {
  it('numbers what is told and says it in the words of the log', () => {
    const { stream, emit, boot } = create();
    emit(2);
    expect(stream.entries(10).map(({ id }) => id)).toEqual([`${boot}-1`, `${boot}-2`]);
    expect(stream.entries(1)[0]).toMatchObject({
      event: 'fault',
      service: 'front',
      text: 'fault on: flaky, 60% errors 503 before the save, for 60 s',
      line: '⚡ fault on: flaky, 60% errors 503 before the save, for 60 s',
    });
  });

  it.each([
    [0, '0 hits in 0 requests'],
    [1, '1 hit in 1 request'],
    [2, '2 hits in 2 requests'],
  ])('counts %i as people do when a fault is over', (times, words) => {
    const { stream, events } = create();
    const over = { ...fault, hits: times, seen: times };
    events.emit('fault', { at: 1, change: 'off', reason: 'deleted', fault: over });
    expect(stream.entries(1)[0]).toMatchObject({
      line: `⚡ fault off: flaky, stopped by hand · ${words}`,
    });
  });

  it('replays exactly what came after an id', () => {
    const { stream, emit, boot } = create();
    emit(5);
    expect(stream.after(`${boot}-3`)).toMatchObject({ gap: false, entries: [{ at: 4 }, { at: 5 }] });
    expect(stream.after(`${boot}-5`)).toEqual({ gap: false, entries: [] });
  });

  it('keeps the newest 500 and says when older ones were asked for', () => {
    const { stream, emit, boot } = create();
    emit(keptEntries + 10);
    expect(stream.after(`${boot}-10`)).toMatchObject({ gap: false });
    expect(stream.after(`${boot}-10`).entries).toHaveLength(keptEntries);
    expect(stream.after(`${boot}-9`)).toMatchObject({ gap: true });
  });

  it.each(['', 'x', '00000000-1', '-1'])('takes "%s" for an id of another life', (id) => {
    const { stream, emit } = create();
    emit(1);
    expect(stream.after(id)).toMatchObject({ gap: true, entries: [{ at: 1 }] });
  });

  it('takes an id that is still to come for one of another life', () => {
    const { stream, emit, boot } = create();
    emit(1);
    expect(stream.after(`${boot}-2`)).toMatchObject({ gap: true });
  });
});
