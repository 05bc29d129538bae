/** The verdict of a comparison: which difference counts, and what is said of it. */
import { describe, expect, it } from 'vitest';
import { judgeCount, judgeLatency, toVerdict } from '../../../compare/verdict.ts';
import { createRandom } from '../../../measure/random.ts';
import {
  type ArmName,
  type ArmReport,
  type ComparisonReport,
  usualComparison,
} from '../../../server/comparison.ts';

const noticed = (p50Ms: number, p99Ms: number) => ({ orders: 80, p50Ms, p99Ms, failed: 0 });

function anArm(arm: ArmName, change: Partial<ArmReport> = {}): ArmReport {
  return {
    ...{ arm, points: [], before: noticed(12, 40), during: noticed(12, 40), after: noticed(12, 40) },
    ...{
      answers: { 200: 160 },
      calls: { sent: 400, wasted: 0, rejected: 0 },
      mostInFlight: 4,
      mostPending: 3,
    },
    callsBefore: { sent: 60, wasted: 0, rejected: 0 },
    settledAtMs: 17_000,
    audit: { accepted: 160, completed: 160, pending: 0, lost: 0, doubled: 0, findings: [] },
    ...change,
  };
}

function aReport(a: Partial<ArmReport>, b: Partial<ArmReport>, change: Partial<ComparisonReport> = {}) {
  return {
    ...{ settings: usualComparison, phase: 'done', together: true, broken: 'shipment', atMs: 17_000 },
    ...{ outage: { fromMs: 3000, toMs: 11_000 }, sendLateMs: 3, verdict: null },
    arms: [anArm('with', a), anArm('without', b)],
    ...change,
  } as ComparisonReport;
}

describe('the sentence', () => {
  it('has the numbers of both chains', () => {
    const { judgement, sentence } = toVerdict(
      aReport(
        {
          during: noticed(12, 1520),
          calls: { sent: 300, wasted: 14, rejected: 90 },
          mostInFlight: 16,
          mostPending: 160,
        },
        {
          during: noticed(1600, 1900),
          calls: { sent: 800, wasted: 412, rejected: 0 },
          mostInFlight: 60,
          mostPending: 170,
        },
      ),
    );
    expect(judgement).toBe('better');
    expect(sentence).toBe(
      'With the breaker half of the customers waited at most 12 ms (p99 1.5 s) during the outage, without 1.6 s (p99 1.9 s). ' +
        '14 calls were wasted instead of 412; at most 16 were in flight at once instead of 60. ' +
        'Nothing was lost or doubled in either.',
    );
  });

  it('says that there is no difference when two chains are alike', () => {
    const { judgement, sentence, measures } = toVerdict(
      aReport(
        { calls: { sent: 400, wasted: 21, rejected: 0 }, during: noticed(14, 60) },
        { calls: { sent: 404, wasted: 25, rejected: 0 }, during: noticed(11, 44) },
      ),
    );
    expect(judgement).toBe('same');
    expect(sentence).toBe(
      'No difference beyond noise. With the breaker half of the customers waited at most 14 ms (p99 60 ms) during the outage, ' +
        'without 11 ms (p99 44 ms). 21 calls were wasted instead of 25; at most 4 were in flight at once instead of 4. ' +
        'Nothing was lost or doubled in either.',
    );
    expect(measures.map((measure) => measure.judgement)).toEqual(Array(6).fill('same'));
  });

  it('says which of the figures are no difference', () => {
    const { sentence } = toVerdict(
      aReport(
        { calls: { sent: 400, wasted: 14, rejected: 0 } },
        { calls: { sent: 900, wasted: 412, rejected: 0 } },
      ),
    );
    expect(sentence).toContain(
      'without 12 ms (p99 40 ms), which is no difference beyond noise. 14 calls were wasted instead of 412;',
    );
  });

  it('says in what it was worse', () => {
    const { judgement, sentence } = toVerdict(
      aReport(
        { calls: { sent: 300, wasted: 10, rejected: 300 }, mostPending: 400 },
        { calls: { sent: 700, wasted: 300, rejected: 0 }, mostPending: 200 },
      ),
    );
    expect(judgement).toBe('mixed');
    expect(sentence).toContain('It was worse with it in: most pending at once (400 against 200).');
  });

  it('names a lost order, even one', () => {
    const audit = {
      accepted: 159,
      completed: 159,
      pending: 0,
      lost: 1,
      doubled: 0,
      findings: ['"a" is lost'],
    };
    const { judgement, sentence } = toVerdict(aReport({ audit }, {}));
    expect(judgement).toBe('worse');
    expect(sentence).toContain('Lost or doubled: 1 with and 0 without, which must never be');
  });

  it('says when orders were still pending at the audit', () => {
    const audit = { accepted: 160, completed: 151, pending: 9, lost: 0, doubled: 0, findings: [] };
    expect(toVerdict(aReport({}, { audit })).sentence).toContain(
      'No order was lost or doubled, but 0 and 9 were still pending when the audit ended.',
    );
  });

  it('says when the load itself came late, and then takes no small difference in waiting for one', () => {
    const busy = { sendLateMs: 240 };
    const small = toVerdict(aReport({}, { during: noticed(600, 900) }, busy));
    expect(small.judgement).toBe('unsure');
    expect(small.sentence).toMatch(
      /This machine was busy: .* sent 240 ms late or later, so a small difference/,
    );
    const large = toVerdict(aReport({}, { during: noticed(1600, 1900) }, busy));
    expect(large.judgement).toBe('better');
  });
});

describe('a difference', () => {
  it.each([
    [12, 1600, 1, 'better'],
    [1600, 12, 1, 'worse'],
    [12, 25, 0, 'same'], // nobody notices
    [400, 500, 0, 'same'], // a quarter
    [200, 700, 300, 'same'], // before the fault they differed by as much
    [null, 1600, 0, 'same'],
  ] as const)('of latencies %d and %d, with a noise of %d, is %s', (a, b, noise, judgement) => {
    expect(judgeLatency(a, b, noise)).toBe(judgement);
  });

  it.each([
    [14, 412, 'better'],
    [412, 14, 'worse'],
    [0, 0, 'same'],
    [3, 8, 'same'],
    [1000, 1090, 'same'],
    [10_000, 10_900, 'same'],
  ] as const)('of counts %d and %d is %s', (a, b, judgement) => {
    expect(judgeCount(a, b)).toBe(judgement);
  });

  it('between two equal chains is found in at most one of a hundred runs', () => {
    const random = createRandom(7);
    const count = () => Array.from({ length: 400 }, () => random.chance(0.1)).filter(Boolean).length;
    const found = Array.from({ length: 500 }, () => judgeCount(count(), count())).filter(
      (one) => one !== 'same',
    );
    expect(found.length).toBeLessThanOrEqual(5);
  });
});
