import { describe, expect, it } from 'vitest';
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

  it('lets more in where somebody else is slow and fewer at once would make nothing quicker', () => {
    const { limit, settle } = create();
    settle(() => 350);
    let most = 0;
    for (let n = 0; n < 100; n += 1)
      most = Math.max(
        most,
        settle(() => 350, 1),
      );
    expect(most).toBeGreaterThan(30);
    expect(limit.value()).toBeGreaterThanOrEqual(24);
  });

  it('does not give its target up for that: it comes back when the slowness is over', () => {
    const { settle } = create();
    settle(() => 600);
    const found = settle((limit) => (limit / 300) * 1000);
    expect(found / 60).toBeGreaterThan(0.9);
    expect(found / 60).toBeLessThan(1.1);
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
