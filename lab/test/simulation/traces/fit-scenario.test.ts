/** Any scenario is found back from its recording: the kind, the time and the strength of a fault, workers, and none. */
import type { ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitScenario } from '../../../traces/fit-scenario.ts';
import { expectFound, expectNear, fit, type Kind, patient, usual } from '../../support/fitted.ts';
import { recordSimulated } from '../../support/simulated-trace.ts';

describe('a fit finds', () => {
  const seeds = fc.integer({ min: 1, max: 1_000_000 });
  const moments = fc.integer({ min: 10_000, max: 30_000 });
  const lengths = fc.integer({ min: 4000, max: 12_000 });
  const rates = fc.integer({ min: 30, max: 90 });
  const kinds: fc.Arbitrary<Kind> = fc.oneof(
    fc.constant({ type: 'down' as const }),
    fc.constant({ type: 'hang' as const }),
    fc.integer({ min: 30, max: 80 }).map((percent) => ({ type: 'flaky' as const, ratio: percent / 100 })),
    fc.integer({ min: 25, max: 50 }).map((tenths) => ({ type: 'slow' as const, factor: tenths / 10 })),
    fc.integer({ min: 200, max: 700 }).map((ms) => ({ type: 'latency' as const, ms })),
  );

  it('what kind of fault it was, when it was, and how strong', () => {
    fc.assert(
      fc.property(seeds, rates, moments, lengths, kinds, (seed, ratePerSecond, fromMs, forMs, kind) => {
        expectFound(kind, { seed, ratePerSecond, fromMs, forMs });
      }),
      { numRuns: 20, seed: 14, endOnFailure: true },
    );
  });

  it('how many work at once, and how slow they really were, from the queue that they made: within a half, mostly', () => {
    const cases = Array.from({ length: 5 }, (_, index) => ({
      workers: 4 + ((index * 5) % 21),
      factor: 2.5 + (index % 4) * 0.5,
    }));
    const near = cases.filter(({ workers, factor }, index) => {
      // Six of ten are busy while well, so that a slow time fills the queue.
      const ratePerSecond = (workers / 0.067) * 0.6;
      const slow: ScenarioFault = { type: 'slow', factor, fromMs: 20_000, forMs: 8000 };
      const found = fit({ seed: 107 + index, ratePerSecond, faults: [slow], neighbour: { workers } });
      const [fault] = found.faults;
      return (
        isNear(found.neighbour.workers, workers, 0.5) &&
        fault?.type === 'slow' &&
        isNear(fault.factor, factor, 0.65) &&
        isNear(fault.forMs, 8000, 0.5)
      );
    });
    expect(near.length).toBeGreaterThanOrEqual(3);
  });

  it('no fault where there is none, up to two thirds of what the neighbour can do', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 20, max: 100 }), (seed, ratePerSecond) => {
        const { faults } = fit({ seed, ratePerSecond, faults: [], neighbour: { workers: 10 } });
        expect(faults).toEqual([]);
      }),
      { numRuns: 5, seed: 14, endOnFailure: true },
    );
  });

  it('the end of a slow time that has many calls', () => {
    const slow: ScenarioFault = { type: 'slow', factor: 5, fromMs: 10_000, forMs: 40_000 };
    const { faults } = fit({ seed: 4, ratePerSecond: 200, faults: [slow], neighbour: { workers: 1000 } });
    expect(faults).toMatchObject([{ type: 'slow' }]);
    expectNear(faults[0]?.forMs ?? 0, 40_000, 0.05);
  });

  it('a fault that is longer than the part of a trace with enough calls', () => {
    const slow: ScenarioFault = { type: 'slow', factor: 5, fromMs: 30_000, forMs: 60_000 };
    const scenario = { seconds: 120, ratePerSecond: 100, neighbour: { ...usual, workers: 1000 }, seed: 4 };
    const trace = recordSimulated(patient, { ...scenario, faults: [slow] });
    const { faults } = fitScenario(trace, { maxCalls: 3000 }).scenario;
    expect(faults).toMatchObject([{ type: 'slow' }]);
    expectNear(faults[0]?.forMs ?? 0, 60_000, 0.05);
  });

  it('the one instance that was slow', () => {
    const slow: ScenarioFault = { type: 'slow', factor: 4, fromMs: 20_000, forMs: 8000, instance: 1 };
    const { faults, neighbour } = fit({
      ...{ seed: 5, ratePerSecond: 75, faults: [slow], neighbour: { instances: 3 } },
    });
    expect(neighbour.instances).toBe(3);
    expect(faults).toMatchObject([{ type: 'slow', instance: 1 }]);
  });

  it('that the cause of a collapse may be shorter than the collapse', () => {
    const trace = recordSimulated(
      { ...patient, attempts: 4 },
      {
        ...{ seconds: 60, ratePerSecond: 80, neighbour: { ...usual, workers: 10, serviceMs: 100 } },
        faults: [{ type: 'slow', factor: 3, fromMs: 20_000, forMs: 8000 }],
      },
    );
    const { scenario, sentences } = fitScenario(trace);
    expectNear(scenario.neighbour.workers, 10, 0.2);
    expect(scenario.faults).toMatchObject([{ type: 'slow' }]);
    expect(scenario.faults[0]?.forMs).toBeLessThan(15_000);
    expect(sentences.join('\n')).toContain('for how long cannot be told');
  });
});

function isNear(found: number, real: number, tolerance: number): boolean {
  return found / real > 1 - tolerance && found / real < 1 + tolerance;
}
