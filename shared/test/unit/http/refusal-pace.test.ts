import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRefusalPace, type RefusedConnection } from '../../../src/http/refusal-pace.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A pace in virtual time, in front of connections on which something was sent before or nothing. */
function create(bytesWritten = 500) {
  let now = 0;
  const pace = createRefusalPace(() => now);
  const refused: { readonly name: string; readonly waitedMs: number }[] = [];
  const closed = new Set<string>();
  const connections = new Map<string, RefusedConnection>();
  const ask = (name: string) => {
    const askedAt = now;
    const destroy = () => void closed.add(name);
    const connection = connections.get(name) ?? { bytesWritten, destroy };
    connections.set(name, connection);
    pace(connection, () => refused.push({ name, waitedMs: now - askedAt }));
  };
  const askMany = (count: number) => {
    for (let n = 0; n < count; n += 1) ask(`${n}`);
  };
  const pass = (all: number, each: () => void = () => undefined) => {
    for (const endsAt = now + all; now < endsAt; ) {
      now += 1;
      each();
      vi.advanceTimersByTime(1);
    }
  };
  const longestWait = () => Math.max(...refused.map(({ waitedMs }) => waitedMs));
  return { ask, askMany, pass, refused, closed, longestWait };
}

describe('the pace of refusals', () => {
  it('answers 10 in a millisecond at once, on and on', () => {
    const { ask, pass, refused, longestWait } = create();
    let n = 0;
    pass(2000, () => {
      for (let more = 0; more < 10; more += 1) ask(`${n++}`);
    });
    expect(refused).toHaveLength(20_000);
    expect(longestWait()).toBe(0);
  });

  it('answers a burst at once, and the others as time passes, the oldest first', () => {
    const { askMany, pass, refused } = create();
    askMany(2400);
    const burst = refused.length;
    expect(burst).toBe(Math.ceil(100 / 0.045));
    pass(30);
    expect(refused).toHaveLength(2400);
    expect(refused.map(({ name }) => name)).toEqual(Array.from({ length: 2400 }, (_, n) => `${n}`));
  });

  it.each([
    ['kept', 500, 0.045],
    ['new', 0, 0.12],
    ['new, with Expect: 100-continue,', 'HTTP/1.1 100 Continue\r\n\r\n'.length, 0.12],
  ])('takes half of the time from many who repeat at once, on %s connections', (_, bytesWritten, eachMs) => {
    const { ask, askMany, pass, refused } = create(bytesWritten);
    askMany(1000);
    let repeated = 0;
    pass(5000, () => {
      const again = refused.slice(repeated);
      repeated = refused.length;
      for (const { name } of again) ask(name);
    });
    const share = (refused.length * eachMs) / 5000;
    expect(share).toBeGreaterThan(0.48);
    expect(share).toBeLessThan(0.53);
  });

  it('lets nobody wait longer than 250 ms', () => {
    const { askMany, pass, refused, longestWait } = create(0);
    askMany(1850);
    pass(300);
    expect(refused).toHaveLength(1850);
    expect(longestWait()).toBeGreaterThan(200);
    expect(longestWait()).toBeLessThan(255);
  });

  it('keeps no more than 1024 waiting', () => {
    const { askMany, pass, refused } = create();
    askMany(5000);
    expect(refused.length).toBeLessThan(5000 - 1024);
    pass(3);
    expect(refused.length).toBeGreaterThanOrEqual(5000 - 1024);
  });

  it('lets what is pipelined behind a waiting refusal wait with it', () => {
    const { ask, askMany, pass, refused } = create();
    askMany(2400);
    const before = refused.length;
    ask('2399');
    expect(refused).toHaveLength(before);
    pass(30);
    expect(refused.slice(-2)).toEqual([
      expect.objectContaining({ name: '2399' }),
      expect.objectContaining({ name: '2399' }),
    ]);
  });

  it('closes a connection of which more than 16 wait, and counts those that it refuses', () => {
    const { ask, askMany, pass, refused, closed } = create();
    askMany(2400);
    for (let n = 0; n < 15; n += 1) ask('2399');
    expect([...closed]).toEqual([]);
    ask('2399');
    expect([...closed]).toEqual(['2399']);
    pass(30);
    expect(refused).toHaveLength(2400 + 15);
  });
});
