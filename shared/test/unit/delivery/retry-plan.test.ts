import { describe, expect, it } from 'vitest';
import type { HopRecord } from '../../../src/delivery/record.ts';
import { type AttemptResult, planRetry } from '../../../src/delivery/retry-plan.ts';
import { BreakerOpenError, NeighbourError } from '../../../src/resilience/errors.ts';

const record = (fails: number, ageMs = 0) =>
  ({ _id: '1', at: new Date(10_000 - ageMs), out: { fails } }) as unknown as HopRecord;
const judge = (attempted: AttemptResult, fails = 0, ageMs = 0) =>
  planRetry(record(fails, ageMs), 'vault', attempted, { now: 10_000, random: () => 0.999 });
const judgeRecord = (attempted: AttemptResult, out: object) =>
  planRetry({ ...record(0), out } as unknown as HopRecord, 'vault', attempted, {
    now: 10_000,
    random: () => 0.999,
  });
const refuse = (refusals: number) =>
  judgeRecord(
    { error: new NeighbourError('document-not-taken', 'It answered 413.') },
    { fails: 9, refusals },
  );
const pending = (retryAfterMs?: number): AttemptResult => ({
  answer: { kind: 'pending', reason: 'not yet', retryAfterMs },
});
const failed = { error: new NeighbourError('neighbour-failed', 'It answered 500.') };

describe('what follows from an attempt', () => {
  it.each([
    [0, 250],
    [1000, 1000],
    [60_000, 5000],
  ])('ask again: at an age of %i ms after %i ms', (ageMs, waitMs) => {
    expect(judge(pending(), 0, ageMs)).toMatchObject({ waitMs, alarm: false, report: { kind: 'waiting' } });
  });

  it('ask again when the next hop says so', () => {
    expect(judge(pending(3000)).waitMs).toBe(3000);
  });

  it('ask an old document again only every five seconds, though the next hop promises it in one', () => {
    expect(judge(pending(1000), 0, 60_000).waitMs).toBe(5000);
  });

  it.each([
    [0, 400],
    [1, 800],
    [5, 12_800],
    [20, 30_000],
  ])('try again: after %i failures within %i ms, at random', (fails, atMostMs) => {
    const { waitMs, report, reason } = judge(failed, fails);
    expect(waitMs).toBeLessThanOrEqual(atMostMs);
    expect(waitMs).toBeGreaterThan(atMostMs * 0.99);
    expect([report.kind, reason]).toEqual(['failed', 'vault: It answered 500.']);
  });

  it('no hope: after a refusal every five minutes for 72 hours, whatever the clock says', () => {
    expect([refuse(862).isDeadLetter, refuse(863).isDeadLetter]).toEqual([false, true]);
    expect(judge(failed, 5000, 1000 * 3_600_000)).toMatchObject({ isDeadLetter: false });
    expect(judge(pending(), 5000, 1000 * 3_600_000)).toMatchObject({ isDeadLetter: false });
  });

  it('nothing is put off for longer than five minutes, whoever asks for it', () => {
    const open = new BreakerOpenError('Open.', { retryAfterMs: 86_400_000 });
    expect([judge({ error: open }).waitMs, judge(pending(86_400_000)).waitMs]).toEqual([300_000, 300_000]);
  });

  it.each([
    [0, 60_000, 60_000],
    [0, 1000, 1000],
    [8, 1000, 30_000],
  ])('after %i failures, when asked for %i ms: not before %i ms', (fails, retryAfterMs, atLeastMs) => {
    for (const code of ['neighbour-failed', 'neighbour-busy'] as const) {
      const { waitMs, alarm } = judge({ error: new NeighbourError(code, '503', { retryAfterMs }) }, fails);
      expect(waitMs).toBeGreaterThan(atLeastMs * 0.99);
      expect(waitMs).toBeLessThanOrEqual(atLeastMs + 250);
      expect(alarm).toBe(false);
    }
  });

  it.each([
    [0, 5000],
    [3, 40_000],
    [20, 300_000],
  ])(
    'a misconfiguration: slowly, after %i failures in %i ms, with an alarm, and never without hope',
    (fails, waitMs) => {
      const error = new NeighbourError('neighbour-misconfigured', 'It answered 404.');
      const out = { fails, refusals: 5000 };
      expect(judgeRecord({ error }, out)).toMatchObject({
        waitMs,
        alarm: true,
        isDeadLetter: false,
        report: { kind: 'failed' },
      });
    },
  );

  it.each([
    [0, 5000],
    [3, 40_000],
    [20, 300_000],
  ])(
    'a document that is not taken: slowly, after %i refusals in %i ms, with an alarm',
    (refusals, waitMs) => {
      expect(refuse(refusals)).toMatchObject({
        waitMs,
        alarm: true,
        isDeadLetter: false,
        report: { kind: 'not-taken' },
      });
    },
  );

  it('what was not sent: when the breaker will probe, and it does not count', () => {
    const open = new BreakerOpenError('Opened 3 s ago.', { retryAfterMs: 7000, lasting: 'It is open.' });
    const { waitMs, report, reason } = judge({ error: open }, 9);
    expect(reason).toBe('Opened 3 s ago.');
    expect(report.err).toBe('It is open.');
    expect(waitMs).toBeGreaterThanOrEqual(7000);
    expect(waitMs).toBeLessThanOrEqual(7250);
    expect(report.kind).toBe('not-sent');
  });
});
