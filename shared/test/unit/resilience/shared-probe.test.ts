/** Ten replicas before one dead neighbour: how many probes it gets in an open period. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BreakerOptions } from '../../../src/resilience/breaker.ts';
import { createHarness, type Harness } from './breaker-harness.ts';

let fleet: Harness[];
let until = 0;
let isWell = false;

/** What the database does: one holder until its time is over. */
const ask = async (forMs: number) => {
  if (isWell) return 0;
  if (until > Date.now()) return until - Date.now();
  until = Date.now() + forMs;
  return 0;
};

beforeEach(() => {
  vi.useFakeTimers();
  until = 0;
  isWell = false;
});
afterEach(() => {
  for (const { breaker } of fleet) breaker.stop();
  vi.useRealTimers();
});

const open = async (options: Partial<BreakerOptions> = {}) => {
  fleet = Array.from({ length: 10 }, () => createHarness({ settings: { openMaxMs: 10_000 }, ...options }));
  for (const one of fleet) await one.repeat(5, 'failure');
};

/** Every replica has work all the time; answers how many calls reached the neighbour in `ms`. */
const probesIn = async (ms: number) => {
  let probes = 0;
  for (let passed = 0; passed < ms; passed += 100) {
    await vi.advanceTimersByTimeAsync(100);
    for (const one of fleet) if ((await one.call('failure')) === 'passed') probes += 1;
  }
  return probes;
};

describe('the probes of ten replicas', () => {
  it('are ten in every open period when each decides alone', async () => {
    await open();
    await vi.advanceTimersByTimeAsync(9_900);
    expect(await probesIn(10_000)).toBe(10);
  });

  it('are one in every open period when they agree', async () => {
    await open({ askProbe: ask });
    await vi.advanceTimersByTimeAsync(9_900);
    expect(await probesIn(10_000)).toBe(1);
    expect(await probesIn(10_000)).toBe(1);
  });

  it('are made by each alone when nobody can be asked', async () => {
    await open({ askProbe: () => Promise.reject(new Error('the database is away')) });
    await vi.advanceTimersByTimeAsync(9_900);
    expect(await probesIn(10_000)).toBe(10);
  });

  it('close every replica within two seconds of the first good one', async () => {
    await open({ askProbe: ask });
    await vi.advanceTimersByTimeAsync(10_000);
    const first = fleet.find(({ breaker }) => breaker.isCallPermitted());
    await first?.call('success');
    isWell = true;
    for (let waited = 0; waited < 2_000; waited += 100) {
      await vi.advanceTimersByTimeAsync(100);
      for (const one of fleet) if (one.breaker.isCallPermitted()) await one.call('success');
    }
    expect(fleet.map(({ breaker }) => breaker.view().state)).toEqual(Array(10).fill('closed'));
  });

  it('show when they will be asked for again', async () => {
    await open({ askProbe: ask });
    await vi.advanceTimersByTimeAsync(10_000);
    const waiting = fleet.filter(({ breaker }) => breaker.view().state === 'open');
    expect(waiting).toHaveLength(9);
    for (const { breaker } of waiting) expect(breaker.view().probeAt).toBe(Date.now() + 10_000);
  });
});
