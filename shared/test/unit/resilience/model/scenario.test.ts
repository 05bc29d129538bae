/** A scenario from untrusted input: what it leaves out, and every way to get it wrong. */
import { describe, expect, it } from 'vitest';
import { toArrivals } from '../../../../src/resilience/model/arrivals.ts';
import {
  type PartialScenario,
  parseScenario,
  scenarioDefaults,
} from '../../../../src/resilience/model/parse-scenario.ts';
import { createServiceTimes } from '../../../../src/resilience/model/service-times.ts';

describe('a scenario', () => {
  it('needs only a load', () => {
    const load = { ratePerSecond: 20 };
    expect(parseScenario({ load })).toEqual({ ...scenarioDefaults, load: { ...load, arrivals: 'random' } });
    expect(parseScenario({ ratePerSecond: 20 })).toEqual({ ...scenarioDefaults, load });
  });

  it('of given moments ends with the second of the last', () => {
    expect(parseScenario({ load: { atMs: [0, 2000] } }).seconds).toBe(3);
    expect(parseScenario({ load: { atMs: [0, 2000] }, seconds: 1 }).seconds).toBe(1);
  });

  it('keeps of its neighbour what is not named', () => {
    const { neighbour } = parseScenario({ ratePerSecond: 1, neighbour: { workers: 3 } });
    expect(neighbour).toEqual({ ...scenarioDefaults.neighbour, workers: 3 });
  });

  it.each([
    [{}, 'it has no load; say how many calls come, such as load: { ratePerSecond: 20 }'],
    [{ ratePerSecond: 0 }, 'it has no load; say how many calls come'],
    [{ load: { atMs: [] } }, 'it has no load; say how many calls come'],
    [{ load: {} }, 'load must have one of ratePerSecond, steps and atMs, got none'],
    [{ load: { ratePerSecond: 1, atMs: [] } }, 'got ratePerSecond and atMs'],
    [{ load: { ratePerSecond: -1 } }, 'load.ratePerSecond must be a number from 0 to 100000, got -1'],
    [{ load: { ratePerSecond: 1, arrivals: 'often' } }, "load.arrivals must be 'random' or 'even'"],
    [{ load: { steps: [] } }, 'load.steps must be a list of at least one { fromMs, ratePerSecond }'],
    [{ load: { steps: [{ fromMs: 0 }] } }, 'load.steps.0.ratePerSecond must be a number'],
    [{ load: { steps: [{ fromMs: 0, ratePerSecond: 0 }] } }, 'it has no load'],
    [{ load: { atMs: [1, 'x'] } }, 'load.atMs.1 must be a number from 0 to 86400000, got "x"'],
    [{ ratePerSecond: 1, load: { ratePerSecond: 1 } }, 'ratePerSecond stands beside load; give one of them'],
    [{ ratePerSecond: 1, seconds: 0 }, 'seconds must be a number from 0.1 to 86400, got 0'],
    [{ ratePerSecond: 90_000, seconds: 80_000 }, 'load makes up to 7200000000 attempts'],
    [
      { ratePerSecond: 1, rate: 2 },
      'rate is not one of seconds, neighbour, faults, seed, load, ratePerSecond',
    ],
    [{ ratePerSecond: 1, neighbour: { workers: 0.5 } }, 'neighbour.workers must be a whole number from 1'],
    [{ ratePerSecond: 1, neighbour: { serviceMs: { p50: 5, p99: 4 } } }, 'neighbour.serviceMs.p99 must be'],
    [{ ratePerSecond: 1, neighbour: { serviceMs: { samples: [] } } }, 'must have at least one duration'],
    [
      { ratePerSecond: 1, neighbour: { dropsAbandoned: 1 } },
      'neighbour.dropsAbandoned must be true or false',
    ],
    [{ ratePerSecond: 1, faults: {} }, 'faults must be a list'],
    [{ ratePerSecond: 1, faults: [null] }, 'faults.0 must be an object, got null'],
    [
      { ratePerSecond: 1, faults: [{ type: 'gone', fromMs: 1, forMs: 1 }] },
      'faults.0.type must be one of slow, latency, down, hang, flaky',
    ],
    [
      { ratePerSecond: 1, faults: [{ type: 'slow', fromMs: 1, forMs: 1 }] },
      'faults.0.factor must be a number',
    ],
    [
      { ratePerSecond: 1, faults: [{ type: 'down', fromMs: 1, forMs: 1, instance: 1 }] },
      'faults.0.instance must be a whole number from 0 to 0, got 1',
    ],
  ])('%j is refused in words', (given, message) => {
    expect(() => parseScenario(given as PartialScenario)).toThrow(message);
  });

  it('is refused where its calls may make too many attempts', () => {
    const load = { ratePerSecond: 10_000, seconds: 60 };
    expect(parseScenario(load, 3).seconds).toBe(60);
    expect(() => parseScenario(load, 4)).toThrow(
      'load makes up to 2400000 attempts; at most 2000000 are simulated',
    );
  });
});

describe('calls', () => {
  it('come evenly, at random, in steps or when they are told to', () => {
    expect([...toArrivals({ ratePerSecond: 4, arrivals: 'even' }, 1, 1)]).toEqual([0, 250, 500, 750]);
    expect([...toArrivals({ atMs: [70, 30, 1000] }, 1, 1)]).toEqual([30, 70]);
    const steps = [
      { fromMs: 1000, ratePerSecond: 2 },
      { fromMs: 2000, ratePerSecond: 4 },
    ];
    expect([...toArrivals({ steps, arrivals: 'even' }, 3, 1)]).toEqual([1000, 1500, 2000, 2250, 2500, 2750]);
    const random = toArrivals({ ratePerSecond: 100 }, 100, 1);
    expect(random.length).toBeGreaterThan(9700);
    expect(random.length).toBeLessThan(10_300);
  });

  it('that are more often are the same calls, closer together', () => {
    const [slow, fast] = [10, 20].map((ratePerSecond) => toArrivals({ ratePerSecond }, 10, 3));
    expect(fast?.[7]).toBeCloseTo((slow?.[7] ?? 0) / 2);
  });
});

describe('service times', () => {
  const draw = (serviceMs: Parameters<typeof createServiceTimes>[0]) => {
    const times = createServiceTimes(serviceMs, 1);
    return Array.from({ length: 20_000 }, (_, call) => times(call, 0)).sort((a, b) => a - b);
  };

  it('have the quantiles that are asked for', () => {
    const sorted = draw({ p50: 20, p99: 100 });
    expect(sorted[10_000]).toBeGreaterThan(19);
    expect(sorted[10_000]).toBeLessThan(21);
    expect(sorted[19_800]).toBeGreaterThan(92);
    expect(sorted[19_800]).toBeLessThan(108);
  });

  it('are drawn from samples, or always the same', () => {
    expect([...new Set(draw({ samples: [1, 2, 3] }))]).toEqual([1, 2, 3]);
    expect([...new Set(draw(7))]).toEqual([7]);
  });
});
