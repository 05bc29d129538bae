/** Scenarios are run in virtual time, recorded, and found back from the recording alone. */
import type { PartialPolicy } from '@holdfast/shared/resilience/model/parse-policy.ts';
import type { Neighbour, Scenario, ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile } from '../../../measure/statistics.ts';
import { fitScenario } from '../../../traces/fit-scenario.ts';
import type { TraceCall } from '../../../traces/trace.ts';
import { recordSimulated, startsAt } from '../../support/simulated-trace.ts';
import { toTrace } from '../../support/traces.ts';

/** A caller that only waits: what it records is what the neighbour did. */
const patient: PartialPolicy = {
  ...{ deadlineMs: null, attempts: 1, breaker: null, budget: null, bulkhead: null, attemptTimeoutMs: 1000 },
};
const usual: Neighbour = {
  ...{ instances: 1, workers: 50, serviceMs: { p50: 60, p99: 200 }, queueMax: null, dropsAbandoned: false },
  ...{ errorRatio: 0.01, networkMs: 1 },
};

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
        const { faults, neighbour } = fit({ seed, ratePerSecond, faults: [{ ...kind, fromMs, forMs }] });
        expect(faults.map(({ type }) => type)).toEqual([kind.type]);
        const [found] = faults as [ScenarioFault];
        expect(Math.abs(found.fromMs - fromMs)).toBeLessThan(1000);
        expect(Math.abs(found.forMs - forMs)).toBeLessThan(1500);
        if (kind.type === 'slow' && found.type === 'slow') expectNear(found.factor, kind.factor, 0.25);
        if (kind.type === 'latency' && found.type === 'latency') expectNear(found.ms, kind.ms, 0.2);
        if (kind.type === 'flaky' && found.type === 'flaky') expectNear(found.ratio, kind.ratio, 0.25);
        expect(neighbour.errorRatio).toBeLessThan(0.025);
      }),
      { numRuns: 10, seed: 14, endOnFailure: true },
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

  it('how long answers take, beyond the time-out, too', () => {
    const serviceMs = { p50: 100, p99: 1000 };
    const { neighbour } = fit({
      ...{ seed: 3, ratePerSecond: 60, faults: [], neighbour: { serviceMs } },
      policy: { attemptTimeoutMs: 400 },
    });
    const samples = toSamples(neighbour);
    expectNear(quantile(samples, 0.5), 100, 0.1);
    expectNear(quantile(samples, 0.9), 355, 0.15);
    expectNear(quantile(samples, 0.99), 1000, 0.35);
  });

  it('the one instance that was slow', () => {
    const slow: ScenarioFault = { type: 'slow', factor: 4, fromMs: 20_000, forMs: 8000, instance: 1 };
    const { faults, neighbour } = fit({
      ...{ seed: 5, ratePerSecond: 75, faults: [slow], neighbour: { instances: 3 } },
    });
    expect(neighbour.instances).toBe(3);
    expect(faults).toMatchObject([{ type: 'slow', instance: 1 }]);
  });

  it('that a breaker hid when an outage ended', () => {
    const trace = recordSimulated(
      {},
      {
        seconds: 60,
        ratePerSecond: 40,
        neighbour: usual,
        faults: [{ type: 'down', fromMs: 20_000, forMs: 6000 }],
      },
    );
    const { scenario, sentences } = fitScenario(trace);
    expect(scenario.faults).toMatchObject([{ type: 'down' }]);
    expect(sentences.join('\n')).toMatch(/was down for .* s; in the last .* s of it nobody asked\./);
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

describe('a fit says', () => {
  it('what it cannot tell', () => {
    const { scenario, sentences } = fitScenario(
      toTrace(Array.from({ length: 100 }, (_, index) => call(index * 100))),
    );
    expect(scenario.neighbour).toMatchObject({ instances: 1, workers: 1000, networkMs: 0 });
    const said = sentences.join('\n');
    expect(said).toContain('names no instances');
    expect(said).toContain('cannot be told: up to 1 at a time made no queue');
    expect(said).toContain('No fault was found.');
  });

  it('how many calls are known only to have taken longer', () => {
    const calls = Array.from({ length: 100 }, (_, index) => ({
      ...call(index * 100),
      ...(index % 10 === 0 ? { ms: 500, outcome: 'timeout' as const } : {}),
    }));
    const { censored, sentences } = fitScenario(toTrace(calls));
    expect(censored).toBe(10);
    expect(sentences.join('\n')).toContain('10 of 100 calls (10 %) timed out');
  });

  it('what it leaves out of a long trace', () => {
    const calls = Array.from({ length: 5000 }, (_, index) =>
      call(index * 100, index > 4000 && index < 4100 ? 400 : 50),
    );
    const { scenario, sentences } = fitScenario(toTrace(calls), { maxCalls: 1000 });
    const { atMs } = scenario.load as { atMs: readonly number[] };
    expect(atMs.length).toBeGreaterThan(900);
    expect(atMs.length).toBeLessThan(1300);
    expect(scenario.faults).toHaveLength(1);
    expect(sentences[0]).toMatch(/^Of 5,000 calls in 500 s, 1,00\d are used: 100 s from \d+ s on, around/);
  });

  it('that retries are no arrivals', () => {
    const calls = [call(0), { ...call(50), retry: true as const }, call(100)];
    const { scenario } = fitScenario(toTrace(calls));
    expect(scenario.load).toEqual({ atMs: [0, 100] });
  });
});

it('a fit is the same for the same trace', () => {
  const trace = recordSimulated(patient, { seconds: 20, ratePerSecond: 40, neighbour: usual });
  expect(fitScenario(trace)).toEqual(fitScenario(trace));
});

it.each<[string, readonly TraceCall[]]>([
  ['one call', [call(0)]],
  [
    'only failures',
    Array.from({ length: 50 }, (_, index) => ({ ...call(index * 20), outcome: 'failed' as const })),
  ],
  [
    'only time-outs',
    Array.from({ length: 50 }, (_, index) => ({ ...call(index * 20), outcome: 'timeout' as const })),
  ],
  [
    'only rejections',
    Array.from({ length: 50 }, (_, index) => ({ ...call(index * 20, 0), outcome: 'rejected' as const })),
  ],
  ['calls at once that took no time', Array.from({ length: 50 }, () => call(0, 0))],
])('a fit survives %s', (_what, calls) => {
  const { scenario } = fitScenario(toTrace(calls));
  const numbers = JSON.stringify(scenario);
  expect(numbers).not.toContain('null,"errorRatio":null');
  expect(toSamples(scenario.neighbour).every(Number.isFinite)).toBe(true);
  expect(scenario.faults.every((fault) => Number.isFinite(fault.fromMs) && fault.forMs > 0)).toBe(true);
});

type Kind =
  | { type: 'down' }
  | { type: 'hang' }
  | { type: 'flaky'; ratio: number }
  | { type: 'slow'; factor: number }
  | { type: 'latency'; ms: number };

function fit({
  policy = {},
  ...given
}: {
  seed: number;
  ratePerSecond: number;
  faults: readonly ScenarioFault[];
  neighbour?: Partial<Neighbour>;
  policy?: PartialPolicy;
}): Scenario {
  const neighbour = { ...usual, ...given.neighbour };
  return fitScenario(recordSimulated({ ...patient, ...policy }, { seconds: 60, ...given, neighbour }))
    .scenario;
}

function toSamples({ serviceMs }: Neighbour): readonly number[] {
  return typeof serviceMs === 'object' && 'samples' in serviceMs ? serviceMs.samples : [];
}

function expectNear(found: number, real: number, tolerance: number): void {
  expect(found / real).toBeGreaterThan(1 - tolerance);
  expect(found / real).toBeLessThan(1 + tolerance);
}

function isNear(found: number, real: number, tolerance: number): boolean {
  return found / real > 1 - tolerance && found / real < 1 + tolerance;
}

function call(offset: number, ms = 50): TraceCall {
  return { t: startsAt + offset, ms, outcome: 'ok' };
}
