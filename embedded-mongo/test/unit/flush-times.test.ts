import { describe, expect, it } from 'vitest';
import { createFlushTimes, quickMs } from '../../src/store/flush-times.ts';

describe('the times of flushes', () => {
  let now = 0;
  const take = (times: ReturnType<typeof createFlushTimes>, ms: number, count: number) => {
    for (let index = 0; index < count; index++) {
      const end = times.begin();
      now += ms;
      end();
    }
  };

  it('are slow until enough of them were quick', () => {
    const times = createFlushTimes(() => now);
    expect(times.areSlow()).toBe(true);
    take(times, 0.5, 4);
    expect(times.areSlow()).toBe(true);
    take(times, 0.5, 16);
    expect(times.areSlow()).toBe(false);
  });

  it('become slow by one flush that keeps everybody waiting, and quick again afterwards', () => {
    const times = createFlushTimes(() => now);
    take(times, 0.5, 40);
    take(times, 50, 1);
    expect(times.areSlow()).toBe(true);
    take(times, 0.5, 60);
    expect(times.areSlow()).toBe(false);
  });

  it('stay quick at the limit', () => {
    const times = createFlushTimes(() => now);
    take(times, quickMs / 2, 100);
    take(times, quickMs, 100);
    expect(times.areSlow()).toBe(false);
  });
});
