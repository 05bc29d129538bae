import type { ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';
import { describe, expect, it } from 'vitest';
import { toDownMoments, toPresentFaults } from '../../../testbed/present-faults.ts';

const faults: ScenarioFault[] = [
  { type: 'slow', factor: 3, fromMs: 1000, forMs: 2000 },
  { type: 'slow', factor: 2, fromMs: 2000, forMs: 2000, instance: 1 },
  { type: 'down', fromMs: 5000, forMs: 1000 },
  { type: 'flaky', ratio: 0.3, fromMs: 7000, forMs: 1000, instance: 0 },
];

describe('the faults of an instance', () => {
  it('begin with their first moment and end before their last', () => {
    const factors = [999, 1000, 2999, 3000].map((atMs) => toPresentFaults(faults, 0, atMs).factor);
    expect(factors).toEqual([1, 3, 3, 1]);
  });

  it('are its own and those of all, together', () => {
    expect(toPresentFaults(faults, 1, 2500).factor).toBe(6);
    expect(toPresentFaults(faults, 0, 7500).flakyRatio).toBeCloseTo(0.3);
    expect(toPresentFaults(faults, 1, 7500)).toMatchObject({ flakyRatio: 0 });
  });

  it('say when it goes down and comes back', () => {
    expect(toDownMoments(faults, 0)).toEqual([5000, 6000]);
    expect(toPresentFaults(faults, 0, 5000).isDown).toBe(true);
    expect(toPresentFaults(faults, 0, 6000).isDown).toBe(false);
  });
});
