/** The window that people see: buckets, forgetting, rotation in step, latencies. */
import { expect, it } from 'vitest';
import { createBreakerWindow } from '../../../src/resilience/breaker-window.ts';

function createAt(windowMs: number) {
  const time = { now: 5_000, rotated: 0 };
  const window = createBreakerWindow(
    windowMs,
    () => time.now,
    () => {
      time.rotated += 1;
    },
  );
  return { time, window };
}

it('counts outcomes into ten buckets, oldest first', () => {
  const { time, window } = createAt(1_000);
  window.record('failure', 3);
  time.now += 250;
  window.record('success', 1);
  window.record('rejected');

  const { buckets, ...sums } = window.view();
  expect(sums).toEqual({ windowMs: 1_000, calls: 2, failures: 1, ratio: 0.5 });
  expect(buckets.map(({ startedAt }) => startedAt - 5_000)).toEqual([
    -700, -600, -500, -400, -300, -200, -100, 0, 100, 200,
  ]);
  expect(buckets[7]).toMatchObject({ failure: 1, success: 0 });
  expect(buckets[9]).toMatchObject({ failure: 0, success: 1, rejected: 1 });
});

it('forgets a bucket once it is a window old, also when nobody records', () => {
  const { time, window } = createAt(1_000);
  window.record('failure', 3);
  time.now += 999;
  expect(window.view().failures).toBe(1);
  time.now += 1;
  expect(window.view().failures).toBe(0);
  expect(window.latency().samples).toBe(0);
});

it('rotates once per bucket that passed, at most ten times, and only when something is recorded', () => {
  const { time, window } = createAt(1_000);
  time.now += 350;
  window.view();
  expect(time.rotated).toBe(0);
  window.record('success', 1);
  expect(time.rotated).toBe(3);
  time.now += 1_000_000;
  window.record('success', 1);
  expect(time.rotated).toBe(13);
});

it('survives a clock that is set back', () => {
  const { time, window } = createAt(1_000);
  time.now += 500;
  window.record('failure', 1);
  time.now -= 10_000;
  window.record('failure', 1);

  expect(window.view()).toMatchObject({ calls: 2, failures: 2 });
});

it('has no share and no quantiles without calls', () => {
  const { window } = createAt(1_000);
  window.record('rejected');
  expect(window.view()).toMatchObject({ calls: 0, ratio: 0 });
  expect(window.latency()).toEqual({ samples: 0, p50: null, p95: null, p99: null });
});

it('sorts latencies by their size, whenever they came', () => {
  const { time, window } = createAt(1_000);
  for (const ms of [100, 9]) window.record('success', ms);
  time.now += 100;
  window.record('failure', 20);

  expect(window.latency()).toEqual({ samples: 3, p50: 20, p95: 100, p99: 100 });
});

it('keeps a bounded number of latencies, the newest', () => {
  const { window } = createAt(1_000);
  for (let ms = 0; ms < 10_000; ms += 1) window.record('success', ms);

  const { samples, p50 } = window.latency();
  expect(samples).toBe(256);
  expect(p50).toBeGreaterThan(9_700);
});
