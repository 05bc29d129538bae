/** The comparison on the page: panels, strips and words, from a report. */
import { describe, expect, it } from 'vitest';
import {
  changeComparison,
  emptyComparison,
  toAuditWords,
  toPanelRows,
  toProgress,
  toSpan,
  toStateSpans,
} from '../../../dashboard/model/comparison.ts';
import {
  type ArmReport,
  type ComparisonPoint,
  type ComparisonReport,
  usualComparison,
} from '../../../server/comparison.ts';

const aPoint = (second: number, change: Partial<ComparisonPoint> = {}): ComparisonPoint => ({
  ...{ second, p50Ms: 10, p99Ms: 20, wasted: 0, inFlight: 1, failed: 0, pending: 0, state: 'closed' },
  ...change,
});

function anArm(
  arm: 'with' | 'without',
  points: ComparisonPoint[],
  change: Partial<ArmReport> = {},
): ArmReport {
  const noticed = { orders: 10, p50Ms: 10, p99Ms: 20, failed: 0 };
  return {
    ...{
      arm,
      points,
      before: noticed,
      callsBefore: { sent: 0, wasted: 0, rejected: 0 },
      during: noticed,
      after: noticed,
      answers: {},
    },
    ...{
      calls: { sent: 9, wasted: 0, rejected: 0 },
      mostInFlight: 1,
      mostPending: 0,
      settledAtMs: null,
      audit: null,
    },
    ...change,
  };
}

function aReport(change: Partial<ComparisonReport> = {}): ComparisonReport {
  return {
    ...{ settings: usualComparison, phase: 'running', together: true, broken: 'shipment', atMs: 4200 },
    ...{ outage: { fromMs: 3000, toMs: 11_000 }, sendLateMs: 1, verdict: null },
    arms: [anArm('with', [aPoint(0)]), anArm('without', [aPoint(0)])],
    ...change,
  } as ComparisonReport;
}

it('one click runs what the lab runs when nothing is said', () => {
  expect(emptyComparison.choice).toEqual(usualComparison);
  expect(changeComparison(emptyComparison, { choice: { fault: 'hang' } }).choice).toEqual({
    ...usualComparison,
    fault: 'hang',
  });
});

describe('the panels', () => {
  it('of both chains have the same scale, and room for the highest value', () => {
    const arms = [
      anArm('with', [aPoint(0, { p50Ms: 12, p99Ms: 30, wasted: 3 })]),
      anArm('without', [aPoint(0, { p50Ms: 1600, p99Ms: 1900, wasted: 44 })]),
    ];
    const rows = toPanelRows(aReport({ arms }));
    expect(rows.map(({ name, topText }) => [name, topText])).toEqual([
      ['latency', '2.0 s'],
      ['wasted', '50'],
      ['in-flight', '5'],
      ['failed', '5'],
      ['pending', '5'],
    ]);
    expect(rows.map(({ isQuiet }) => isQuiet)).toEqual([false, false, false, true, true]);
  });

  it('say their figure, what it is, and each second in words', () => {
    const arms = [
      anArm('with', [aPoint(0), aPoint(1, { p50Ms: null, p99Ms: null })], {
        during: { orders: 80, p50Ms: 12, p99Ms: 1520, failed: 2 },
        calls: { sent: 100, wasted: 14, rejected: 90 },
      }),
      anArm('without', []),
    ];
    const [latency, wasted, , failed] = toPanelRows(aReport({ arms }));
    expect(latency?.panels[0]).toMatchObject({
      figure: '12 ms',
      note: 'p99 1.5 s, during the fault',
      summary: 'A customer waits with the breaker: 12 ms p99 1.5 s, during the fault.',
      hints: ['second 0: p99 20 ms, p50 10 ms', 'second 1: p99 –, p50 –'],
    });
    expect(wasted?.panels[0]).toMatchObject({ figure: '14', note: 'in all, 90 not even sent' });
    expect(failed?.panels[0].figure).toBe('2');
  });

  it('reach as far as the longer chain, and at least as far as its orders', () => {
    const points = Array.from({ length: 23 }, (_, second) => aPoint(second));
    expect(toSpan(aReport())).toBe(usualComparison.seconds);
    expect(toSpan(aReport({ arms: [anArm('with', []), anArm('without', points)] }))).toBe(23);
  });
});

it('a strip joins seconds in one state, and leaves out what is unknown', () => {
  const states = ['closed', 'closed', 'open', null, 'open'] as const;
  expect(toStateSpans(states.map((state, second) => aPoint(second, { state })))).toEqual([
    { state: 'closed', from: 0, to: 2 },
    { state: 'open', from: 2, to: 3 },
    { state: 'open', from: 4, to: 5 },
  ]);
});

describe('the progress', () => {
  it.each([
    [null, 'Starting two chains …'],
    [aReport({ phase: 'starting' }), 'Starting two chains …'],
    [aReport({ atMs: 1900 }), 'Second 1 of 16'],
    [aReport(), 'Second 4 of 16: shipment is slow'],
    [aReport({ together: false }), 'Second 4 of 16, one chain after the other: shipment is slow'],
    [aReport({ phase: 'settling' }), 'Waiting until nothing is pending, then the audit …'],
  ])('is said in words: %#', (report, text) => {
    expect(toProgress(report).text).toBe(text);
  });
});

it('what the audit found is said as it is, with what is still pending', () => {
  const audit = { accepted: 185, completed: 180, pending: 5, lost: 0, doubled: 0, findings: [] };
  expect(toAuditWords(anArm('with', []))).toBe('audited at the end');
  expect(toAuditWords(anArm('with', [], { audit }))).toBe('0 lost, 0 doubled of 185 orders, 5 still pending');
});
