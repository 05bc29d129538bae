/** Scenarios are run in virtual time, recorded, and found back from the recording alone. */
import type { Neighbour } from '@holdfast/shared/resilience/model/scenario.ts';
import { describe, expect, it } from 'vitest';
import { quantile } from '../../../measure/statistics.ts';
import { fitScenario } from '../../../traces/fit-scenario.ts';
import type { TraceCall } from '../../../traces/trace.ts';
import { expectFound, expectNear, fit, type Kind, patient, usual } from '../../support/fitted.ts';
import { recordSimulated, startsAt } from '../../support/simulated-trace.ts';
import { toTrace } from '../../support/traces.ts';

describe('a fit finds', () => {
  it.each<Kind>([
    { type: 'down' },
    { type: 'hang' },
    { type: 'flaky', ratio: 0.4 },
    { type: 'slow', factor: 3 },
    { type: 'latency', ms: 300 },
  ])('%j: its kind, when it was, and how strong', (kind) => {
    expectFound(kind, { seed: 19, ratePerSecond: 40, fromMs: 20_180, forMs: 5000 });
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

  it('a scenario of some hours where nobody called for a month', () => {
    const month = 30 * 86_400_000;
    const calls = Array.from({ length: 200 }, (_, index): TraceCall => {
      const t = startsAt + index * 100 + (index < 100 ? 0 : month);
      return { t, ms: 50, outcome: 'ok' };
    });
    const { scenario, sentences } = fitScenario(toTrace(calls));
    expect(scenario.seconds).toBeLessThanOrEqual(6 * 3600);
    expect(sentences.join(' ')).toContain('Of 200 calls in 2592020 s, 100 are used');
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

function toSamples({ serviceMs }: Neighbour): readonly number[] {
  return typeof serviceMs === 'object' && 'samples' in serviceMs ? serviceMs.samples : [];
}

function call(offset: number, ms = 50): TraceCall {
  return { t: startsAt + offset, ms, outcome: 'ok' };
}
