import { describe, expect, it } from 'vitest';
import { type CallRecord, measureRun, type RunRecord } from '../../../../src/resilience/model/measure-run.ts';
import type { ScenarioFault } from '../../../../src/resilience/model/scenario.ts';

const nothing: RunRecord = { seconds: 2, faults: [], calls: [], sentAtMs: [], wasted: 0, transitions: [] };
const fault: ScenarioFault = { type: 'down', fromMs: 2000, forMs: 2000 };

describe('the measures of a run', () => {
  it('count calls by how they ended, and attempts by what they brought', () => {
    const outcome = measureRun({
      ...nothing,
      calls: [
        { dueMs: 0, endMs: 10, end: 'good' },
        { dueMs: 100, endMs: 400, end: 'failed' },
        { dueMs: 1100, endMs: 1100, end: 'rejected' },
      ],
      sentAtMs: [0, 100, 200],
      wasted: 2,
    });
    expect(outcome).toMatchObject({ calls: 3, good: 1, failed: 2, rejected: 1, rejectedWhileWell: 1 });
    expect(outcome).toMatchObject({ sent: 3, wasted: 2, amplification: 1, p50Ms: 10, p99Ms: 10 });
    expect(outcome.perSecond).toMatchObject([
      { calls: 2, good: 1, failed: 1, rejected: 0, sent: 3 },
      { calls: 1, good: 0, failed: 1, rejected: 1, sent: 0, p50Ms: null },
    ]);
  });

  it('go on until the last call has ended, with what was in flight at the end of each second', () => {
    const { perSecond } = measureRun({
      ...nothing,
      seconds: 1,
      calls: [{ dueMs: 500, endMs: 2500, end: 'good' }],
    });
    expect(perSecond.map(({ inFlight }) => inFlight)).toEqual([1, 1, 0]);
  });

  it('call a rejection one of a well neighbour only outside of its faults', () => {
    const calls = [1900, 2100, 3900, 4000].map(
      (dueMs): CallRecord => ({ dueMs, endMs: dueMs, end: 'rejected' }),
    );
    const outcome = measureRun({ ...nothing, calls, seconds: 5, faults: [fault] });
    expect(outcome).toMatchObject({ rejected: 4, rejectedWhileWell: 2 });
  });

  it('say when it recovered: at the first of five seconds in a row that are as good as before', () => {
    const faults = [fault];
    const run = (bad: (second: number) => boolean, seconds = 12) => {
      const calls = Array.from({ length: seconds * 10 }, (_, index): CallRecord => {
        const dueMs = index * 100;
        return { dueMs, endMs: dueMs + 5, end: bad(Math.floor(dueMs / 1000)) ? 'failed' : 'good' };
      });
      return measureRun({ ...nothing, calls, seconds, faults });
    };
    expect(run((second) => second >= 2 && second < 6)).toMatchObject({
      recoveredAfterMs: 2000,
      goodputBefore: 10,
    });
    expect(run((second) => second === 2 || second === 6)).toMatchObject({ recoveredAfterMs: 3000 });
    expect(run((second) => second >= 2)).toMatchObject({ recoveredAfterMs: null });
    // Four seconds are not five.
    expect(run((second) => second >= 2 && second < 8)).toMatchObject({ recoveredAfterMs: null });
  });

  it('say when a breaker opened, and in which state the first one ended each second', () => {
    const transition = { instance: 0, reason: 'threshold' } as const;
    const records: RunRecord = {
      ...nothing,
      calls: [{ dueMs: 0, endMs: 10, end: 'good' }],
      transitions: [
        { ...transition, atMs: 2500, from: 'closed', to: 'open' },
        { ...transition, atMs: 2600, from: 'closed', to: 'open', instance: 1 },
        { ...transition, atMs: 3100, from: 'open', to: 'half_open', reason: 'open-time-over' },
        { ...transition, atMs: 3200, from: 'half_open', to: 'open', reason: 'probe-failed' },
      ],
    };
    const outcome = measureRun({ ...records, seconds: 4, faults: [fault] });
    expect(outcome).toMatchObject({ opened: 2, openedAfterMs: 500 });
    expect(outcome.perSecond.map(({ state }) => state)).toEqual(['closed', 'closed', 'open', 'open']);
  });

  it('are those of nothing when no call came', () => {
    expect(measureRun(nothing)).toMatchObject({
      ...{ calls: 0, amplification: 0, p50Ms: null, p99Ms: null, goodputBefore: 0, recoveredAfterMs: 0 },
    });
  });
});
