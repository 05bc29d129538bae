/** The faults of a service: whom they hit, how often, for how long, and what is told of them. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FaultChange } from '../../../src/faults/fault-events.ts';
import { createFaults, type FaultPhase, type Faults } from '../../../src/faults/faults.ts';
import { createEvents } from '../../../src/observability/events.ts';

let now: number;
let told: FaultChange[];
let faults: Faults;

beforeEach(() => {
  vi.useFakeTimers();
  faults = create();
});
afterEach(() => {
  faults.stop();
  vi.useRealTimers();
});

function create({ injectErr = false, random = (): number => 0.5 } = {}): Faults {
  now = 1_000_000;
  told = [];
  const events = createEvents();
  events.on('fault', (event) => told.push(event));
  return createFaults({ injectErr, events, clock: () => now, random, crash: () => undefined });
}

/** The names of the faults that hit one request. */
function meet(phase: FaultPhase = 'before', id: string | undefined = 'x'): string[] {
  return [...faults.hits(phase, id)].map(({ name }) => name);
}

const tellings = () => told.map(({ change, reason, fault }) => [change, reason, fault.name]);

describe('a fault', () => {
  it('is listed with its defaults, its counters and the time that is left', () => {
    expect(faults.put('down', { type: 'error' }).isNew).toBe(true);
    meet();
    now += 2000;
    expect(faults.list()).toEqual([
      {
        name: 'down',
        type: 'error',
        phase: 'before',
        rate: 1,
        status: 503,
        ms: 800,
        jitterMs: 0,
        match: null,
        times: null,
        seed: null,
        seen: 1,
        hits: 1,
        since: 1_000_000,
        expiresAt: 1_060_000,
        leftMs: 58_000,
      },
    ]);
  });

  it('hits in its own phase and the documents that it means, and counts no others', () => {
    faults.put('some', { type: 'error', phase: 'after', match: 'a*' });
    expect([
      meet('before', 'a1'),
      meet('after', 'b1'),
      meet('after', undefined),
      meet('after', 'a1'),
    ]).toEqual([[], [], [], ['some']]);
    expect(faults.list()).toMatchObject([{ seen: 1, hits: 1 }]);
  });

  it('says to whom it hits what it is', () => {
    faults.put('flaky', { type: 'error', status: 500, rate: 0.6 });
    expect([...faults.hits('before', 'x')]).toMatchObject([
      {
        name: 'flaky',
        type: 'error',
        status: 500,
        // Callers quote it for as long as they like: no time that is left.
        detail: 'The fault "flaky" was asked for: 60% errors 500 before the save.',
      },
    ]);
  });

  it('asks no further fault when the first has ended the request', () => {
    faults.put('first', { type: 'error' });
    faults.put('second', { type: 'error' });
    for (const hit of faults.hits('before', 'x')) {
      expect(hit.name).toBe('first');
      break;
    }
    expect(faults.list()).toMatchObject([{ seen: 1 }, { seen: 0 }]);
  });

  it('hits its share of the requests', () => {
    faults.put('flaky', { type: 'error', rate: 0.6, seed: 7 });
    for (let n = 0; n < 1000; n += 1) meet();
    const [{ seen, hits } = { seen: 0, hits: 0 }] = faults.list();
    expect(seen).toBe(1000);
    expect(hits / seen).toBeGreaterThan(0.56);
    expect(hits / seen).toBeLessThan(0.64);
  });

  it('hits the same requests again under the same seed, and others under another', () => {
    const play = (seed: number) => {
      faults.put('flaky', { type: 'latency', rate: 0.5, jitterMs: 800, seed });
      return Array.from({ length: 50 }, () => [...faults.hits('before', 'x')].map(({ delayMs }) => delayMs));
    };
    const first = play(42);
    expect(play(42)).toEqual(first);
    expect(play(43)).not.toEqual(first);
    expect(new Set(first.flat()).size).toBeGreaterThan(10);
    expect(first.flat().every((ms) => ms >= 0 && ms <= 1600)).toBe(true);
  });

  it('is over after its hits', () => {
    faults.put('twice', { type: 'error', times: 2 });
    expect([meet(), meet(), meet()]).toEqual([['twice'], ['twice'], []]);
    expect(faults.list()).toEqual([]);
    expect(tellings()).toEqual([
      ['on', null, 'twice'],
      ['off', 'used-up', 'twice'],
    ]);
    expect(told.at(-1)?.fault).toMatchObject({ seen: 2, hits: 2 });
  });

  it('is over after its time, by a timer', () => {
    faults.put('short', { type: 'error', ttlMs: 500 });
    vi.advanceTimersByTime(500);
    expect([faults.isEmpty(), tellings().at(-1)]).toEqual([true, ['off', 'expired', 'short']]);
  });

  it('is over after its time, by the clock of a process that slept through the timer', () => {
    faults.put('short', { type: 'error', ttlMs: 500 });
    now += 500;
    expect(meet()).toEqual([]);
    expect(tellings().at(-1)).toEqual(['off', 'expired', 'short']);
    vi.advanceTimersByTime(1000);
    expect(told).toHaveLength(2);
  });

  it('begins anew when it is changed, with its time and its counters', () => {
    faults.put('down', { type: 'error', ttlMs: 1000 });
    meet();
    now += 900;
    vi.advanceTimersByTime(900);
    expect(faults.put('down', { type: 'hang', ttlMs: 1000 })).toMatchObject({
      isNew: false,
      fault: { type: 'hang', hits: 0, leftMs: 1000 },
    });
    now += 900;
    vi.advanceTimersByTime(900);
    expect(meet()).toEqual(['down']);
    expect(tellings()).toEqual([
      ['on', null, 'down'],
      ['changed', null, 'down'],
    ]);
  });

  it('is ended by name, and one that is not there is answered with those that are', () => {
    faults.put('a', { type: 'error' });
    faults.put('b', { type: 'hang' });
    expect(() => faults.delete('c')).toThrow('No fault is called "c"; there are a, b.');
    faults.delete('a');
    expect(tellings().at(-1)).toEqual(['off', 'deleted', 'a']);
    expect(faults.clear()).toBe(1);
    expect(() => faults.delete('a')).toThrow('No fault is called "a"; none is on.');
  });

  it('is refused when there are fifty; changing one of them is not', () => {
    for (let n = 0; n < 50; n += 1) faults.put(`f${n}`, { type: 'error' });
    expect(() => faults.put('one-more', { type: 'error' })).toThrow(
      'There are 50 faults, the most there may be.',
    );
    expect(faults.put('f0', { type: 'hang' }).isNew).toBe(false);
  });
});

describe('what a fault holds', () => {
  const hold = () => [...faults.hits('before', 'x')].map(({ over }) => over)[0] as AbortSignal;

  it.each<[string, () => void]>([
    ['it is deleted', () => faults.delete('stuck')],
    ['all are deleted', () => faults.clear()],
    ['it is changed', () => faults.put('stuck', { type: 'error' })],
    ['its time is over', () => vi.advanceTimersByTime(60_000)],
    ['the service stops', () => faults.stop()],
  ])('it lets go when %s', (_when, end) => {
    faults.put('stuck', { type: 'hang' });
    const over = hold();
    expect(over.aborted).toBe(false);
    end();
    expect(over.aborted).toBe(true);
  });

  it.each<[string, () => void]>([
    ['until its time is over', () => vi.advanceTimersByTime(60_000)],
    ['until all are deleted', () => faults.clear()],
    ['until the service stops', () => faults.stop()],
  ])('it holds on when all its hits are made, %s', (_until, end) => {
    faults.put('once', { type: 'hang', times: 1 });
    const over = hold();
    expect([over.aborted, faults.isEmpty()]).toEqual([false, true]);
    end();
    expect(over.aborted).toBe(true);
  });
});

describe('a service that a fault makes unready', () => {
  it('says why, hits no request, and counts only who is told', () => {
    expect(faults.unready({ counted: true })).toBeUndefined();
    faults.put('drain', { type: 'unready', ttlMs: 5000 });
    const why = { name: 'drain', detail: 'The fault "drain" was asked for: unready. It is over in 5 s.' };
    expect([faults.unready({ counted: false }), faults.unready({ counted: true })]).toEqual([why, why]);
    expect([meet('before'), meet('after')]).toEqual([[], []]);
    expect(faults.list()).toMatchObject([{ seen: 1, hits: 1 }]);
  });
});

describe('INJECT_ERR=1', () => {
  beforeEach(() => {
    faults.stop();
  });

  it('is a fault of the start that never expires: 40 % answer 502 after the save', () => {
    faults = create({ injectErr: true, random: () => 0.39 });
    expect([...faults.hits('after', 'x')]).toMatchObject([
      {
        name: 'inject-err',
        type: 'error',
        status: 502,
        detail: 'INJECT_ERR=1 fails 40 % of the requests after they were saved. This was one of them.',
      },
    ]);
    vi.advanceTimersByTime(86_400_000);
    now += 86_400_000;
    expect(faults.list()).toMatchObject([
      { name: 'inject-err', rate: 0.4, phase: 'after', expiresAt: null, leftMs: null, hits: 1 },
    ]);
    expect(tellings()).toEqual([['on', null, 'inject-err']]);
  });

  it('spares the other sixty, and can be ended', () => {
    faults = create({ injectErr: true, random: () => 0.4 });
    expect([meet('before'), meet('after')]).toEqual([[], []]);
    faults.delete('inject-err');
    expect(faults.isEmpty()).toBe(true);
  });
});
