/** Whether a machine is too busy, from what was measured on it. */
import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { measureCpuShare, toBusy } from '../../../measure/busy.ts';

const load = '9.00 8.00 7.00';

describe('a machine', () => {
  it('is quiet enough where calls are sent in time', () => {
    expect(toBusy({ lateMs: [3, 5, 90], cpuShares: [0.9, 0.6], load })).toBeNull();
  });

  it('may have one hiccup in five runs', () => {
    expect(toBusy({ lateMs: [3, 250, 4, 5, 6], load })).toBeNull();
  });

  it('is too busy where calls are sent late, and it says how late', () => {
    expect(toBusy({ lateMs: [3, 250, 4, 180], load })).toBe(
      `This machine is too busy for a verdict: in 2 of 4 runs calls were sent up to 250 ms late (load ${load} on ${availableParallelism()} cores).`,
    );
  });

  it('is too busy where others take most of its cores', () => {
    expect(toBusy({ lateMs: [], cpuShares: [0.2, 0.15], load })).toContain(
      'others left as little as 15 % of a core',
    );
  });

  it('in real time: gives this process some of a core', () => {
    const share = measureCpuShare();
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThanOrEqual(1);
  });
});
