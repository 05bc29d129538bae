import { describe, expect, it } from 'vitest';
import { createSeeded } from '../../../src/faults/seeded.ts';
import { createAdaptiveLimit } from '../../../src/http/adaptive-limit.ts';

/** A limit in virtual time: `work` is one window of requests that take so long, at a limit that is reached or not. */
function create({ max = 256, targetMs = 200 } = {}) {
  let now = 0;
  const limit = createAdaptiveLimit({ max, min: 24, targetMs, clock: () => now });
  const work = (ms: number, { count = 20, reached = true, passes = 100 } = {}) => {
    const begunAt = Math.max(now, now + passes - ms);
    now = begunAt;
    const ends = Array.from({ length: count }, () => limit.begin());
    now = begunAt + ms;
    if (reached) limit.reached();
    for (const end of ends) end();
    return limit.value();
  };
  const settle = (latencyAt: (limit: number) => number, windows = 400) => {
    for (let n = 0; n < windows; n += 1) work(latencyAt(limit.value()));
    return limit.value();
  };
  return { limit, work, settle, pass: (ms: number) => (now += ms) };
}

describe('an adaptive limit', () => {
  it('begins with 64, or with as many as may be', () => {
    expect(create().limit.value()).toBe(64);
    expect(create({ max: 3 }).limit.value()).toBe(3);
  });

  it('falls when the mean is over the target, by the square root and at most a fifth', () => {
    expect(create().work(220)).toBe(Math.floor(64 * Math.sqrt(200 / 220)));
    expect(create().work(5000)).toBe(Math.floor(64 * 0.8));
  });

  it('rises when the mean is under the target and the limit was reached, at most by 15 %', () => {
    expect(create().work(180)).toBe(Math.floor(64 * Math.sqrt(200 / 180)));
    expect(create().work(1)).toBe(Math.floor(64 * 1.15));
  });

  it('stays as it is while nobody needs more', () => {
    expect(create().work(1, { reached: false })).toBe(64);
  });

  it('changes after 100 ms and 8 samples, not before', () => {
    expect(create({ targetMs: 10 }).work(99, { passes: 0 })).toBe(64);
    expect(create({ targetMs: 10 }).work(100, { passes: 0 })).toBe(51);
    const { work } = create();
    expect(work(5000, { count: 7 })).toBe(64);
    expect(work(5000, { count: 1, passes: 0 })).toBe(51);
  });

  it('is never under its least nor over its cap', () => {
    expect(create().settle(() => 10_000)).toBeGreaterThanOrEqual(24);
    expect(create({ max: 5 }).settle(() => 10_000)).toBe(5);
    expect(create({ max: 100 }).settle(() => 1)).toBe(100);
  });

  it.each([150, 300, 600])('finds what brings the target when %i a second can be served', (rate) => {
    const found = create().settle((limit) => (limit / rate) * 1000);
    expect(found / (rate * 0.2)).toBeGreaterThan(0.9);
    expect(found / (rate * 0.2)).toBeLessThan(1.1);
  });

  it('forgets what it found after a second without work, and not while there is some', () => {
    const { limit, settle, pass } = create();
    settle(() => 5000);
    const found = limit.value();
    expect(found).toBeLessThan(64);
    const end = limit.begin();
    pass(5000);
    expect(limit.value()).toBe(found);
    end();
    const after = limit.value();
    expect(after).toBeLessThan(64);
    pass(999);
    expect(limit.value()).toBe(after);
    pass(1);
    expect(limit.value()).toBe(64);
  });
});

interface Server {
  /** A flush serves all writes that wait: what it takes, and what each of them adds. */
  readonly flushMs: number;
  readonly eachMs: number;
  /** What somebody else takes between the third write and the fourth. */
  readonly elsewhereMs?: () => number;
}

const writes = 5;

/** As many requests as are let in, in virtual time with a seeded disk: what each of the last ten of `seconds` was like. */
function simulate({ flushMs, eachMs, elsewhereMs = () => 0 }: Server, least = 24, max = 256, seconds = 40) {
  let now = 0;
  const limit = createAdaptiveLimit({ max, min: least, targetMs: 200, clock: () => now });
  const random = createSeeded(1);
  let work: { written: number; readonly begunAt: number; freeAt: number; readonly end: () => void }[] = [];
  const ended: { readonly second: number; readonly ms: number }[] = [];
  const limits = new Map<number, number>();
  while (now < seconds * 1000) {
    while (work.length < limit.value()) {
      work.push({ written: 0, begunAt: now, freeAt: now, end: limit.begin() });
    }
    limit.reached();
    const group = work.filter(({ freeAt }) => freeAt <= now);
    if (group.length === 0) {
      now = Math.min(...work.map(({ freeAt }) => freeAt));
      continue;
    }
    now += (flushMs + eachMs * group.length) * (0.5 + random());
    for (const one of group) {
      one.written += 1;
      if (one.written === 3) one.freeAt = now + elsewhereMs();
      if (one.written < writes) continue;
      one.end();
      ended.push({ second: Math.floor(now / 1000), ms: now - one.begunAt });
    }
    work = work.filter(({ written }) => written < writes);
    limits.set(Math.floor(now / 1000), limit.value());
  }
  const last = ended.filter(({ second }) => second >= seconds - 10 && second < seconds);
  const lastLimits = [...limits].filter(([second]) => second >= seconds - 10).map(([, value]) => value);
  return {
    rate: last.length / 10,
    meanMs: last.reduce((sum, { ms }) => sum + ms, 0) / last.length,
    least: Math.min(...lastLimits),
    most: Math.max(...lastLimits),
  };
}

describe('an adaptive limit in front of writes that share a flush', () => {
  it.each([
    ['a quick disk', { flushMs: 2, eachMs: 0.2 }],
    ['a slow disk', { flushMs: 20, eachMs: 0.15 }],
    ['a slow processor', { flushMs: 1, eachMs: 0.7 }],
    ['both of them slow', { flushMs: 10, eachMs: 0.4 }],
    ['a neighbour that takes 80 ms', { flushMs: 5, eachMs: 0.2, elsewhereMs: () => 80 }],
  ])('settles at the target, and stays there: %s', (_, server) => {
    const { meanMs, least, most } = simulate(server);
    expect(meanMs).toBeGreaterThan(160);
    expect(meanMs).toBeLessThan(240);
    expect(most / least).toBeLessThan(1.7);
  });

  it.each([[{ flushMs: 10, eachMs: 0.8 }], [{ flushMs: 20, eachMs: 0.5 }], [{ flushMs: 10, eachMs: 1.5 }]])(
    'stays near its least where the load is what makes it slow: %o',
    (server) => {
      const fixed = simulate(server, 88, 88);
      const found = simulate(server, 88);
      expect(fixed.meanMs).toBeGreaterThan(300);
      expect(found.meanMs).toBeLessThan(1.1 * fixed.meanMs);
      expect(found.rate).toBeGreaterThan(0.95 * fixed.rate);
    },
  );

  it('lets more in where somebody else is slow, since fewer at once would make nothing quicker', () => {
    const server = { flushMs: 10, eachMs: 0.1, elsewhereMs: () => 300 };
    expect(simulate(server, 88).rate).toBeGreaterThan(1.4 * simulate(server, 88, 88).rate);
  });

  it('comes back to its target when that one is quick again', () => {
    let calls = 0;
    const server = { flushMs: 2, eachMs: 0.2, elsewhereMs: () => (++calls < 2000 ? 400 : 0) };
    const { meanMs } = simulate(server);
    expect(calls).toBeGreaterThan(8000);
    expect(meanMs).toBeLessThan(240);
  });
});
