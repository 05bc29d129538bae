import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRefusalPace } from '../../../src/http/refusal-pace.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A pace in virtual time; every refusal takes `ms` of it. Something was sent on the connections before. */
function create(ms: number, bytesWritten = 1) {
  let now = 0;
  const pace = createRefusalPace(() => now);
  const refused: { readonly name: string; readonly waitedMs: number }[] = [];
  const connections = new Map<string, { bytesWritten: number }>();
  const ask = (name: string, then: () => void = () => undefined) => {
    const askedAt = now;
    const connection = connections.get(name) ?? { bytesWritten };
    connections.set(name, connection);
    pace(connection, () => {
      now += ms;
      refused.push({ name, waitedMs: now - askedAt });
      then();
    });
  };
  const pass = (all: number, each: () => void = () => undefined) => {
    for (const endsAt = now + all; now < endsAt; ) {
      now += 1;
      each();
      vi.advanceTimersByTime(1);
    }
  };
  const namesOf = () => refused.map(({ name }) => name);
  return { ask, pass, refused, namesOf, spentMs: () => refused.length * ms, now: () => now };
}

describe('the pace of refusals', () => {
  it('answers a burst at once, and as many as take little time', () => {
    const { ask, pass, refused } = create(0.1);
    for (let n = 0; n < 100; n += 1) ask(`burst ${n}`);
    let n = 0;
    pass(1000, () => ask(`even ${n++}`));
    expect(refused).toHaveLength(100 + n);
    expect(Math.max(...refused.map(({ waitedMs }) => waitedMs))).toBeCloseTo(0.1);
  });

  it('answers the others as time passes, the oldest first', () => {
    const { ask, pass, namesOf } = create(4);
    for (const name of ['a', 'b', 'c', 'd', 'e']) ask(name);
    expect(namesOf()).toEqual(['a', 'b', 'c', 'd']);
    pass(60);
    expect(namesOf()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('takes a third of the time from many who repeat at once, reading included', () => {
    const { ask, pass, refused, spentMs, now } = create(0.03);
    for (let n = 0; n < 900; n += 1) ask(`${n}`);
    let repeated = 0;
    pass(5000, () => {
      const again = refused.slice(repeated);
      repeated = refused.length;
      for (const { name } of again) ask(name);
    });
    expect((spentMs() * 1.7) / now()).toBeGreaterThan(0.28);
    expect((spentMs() * 1.7) / now()).toBeLessThan(0.36);
  });

  it('counts what opening a connection takes', () => {
    for (const [bytesWritten, times] of [
      [1, 1.7],
      [0, 4],
    ] as const) {
      const { ask, pass, refused } = create(0.25, bytesWritten);
      for (let n = 0; n < 1000; n += 1) ask(`${n}`);
      pass(200);
      const expected = (20 + 210 / 3) / (0.25 * times);
      expect(Math.abs(refused.length - expected)).toBeLessThan(0.2 * expected);
    }
  });

  it('lets nobody wait longer than 250 ms, however many there are', () => {
    const { ask, pass, refused } = create(1);
    let n = 0;
    pass(2000, () => ask(`${n++}`));
    expect(refused.length).toBeGreaterThan(500);
    expect(Math.max(...refused.map(({ waitedMs }) => waitedMs))).toBeLessThan(275);
  });

  it('keeps no more than 1024 waiting', () => {
    const { ask, pass, refused } = create(0.01);
    for (let n = 0; n < 5000; n += 1) ask(`${n}`);
    const before = refused.length;
    pass(3);
    expect(before).toBeLessThan(1500);
    expect(refused.length).toBeGreaterThanOrEqual(5000 - 1024);
  });

  it('answers a connection at once that has one waiting already', () => {
    const { ask, namesOf } = create(50);
    for (const name of ['a', 'b', 'b']) ask(name);
    expect(namesOf()).toEqual(['a', 'b']);
  });
});
