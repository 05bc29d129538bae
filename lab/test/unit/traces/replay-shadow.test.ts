/** What a breaker would have done with recorded outcomes. */
import { breakerDefaults } from '@holdfast/shared/resilience/breaker-settings.ts';
import { describe, expect, it } from 'vitest';
import { replayShadow } from '../../../traces/replay-shadow.ts';
import type { CallOutcome, TraceCall } from '../../../traces/trace.ts';
import { toTrace } from '../../support/traces.ts';

const noon = Date.UTC(2026, 0, 15, 12);
const settings = { ...breakerDefaults, minCalls: 5, openMs: 2000, openMaxMs: 2000 };

describe('in shadow', () => {
  it('a breaker opens when the outage is known, and rejects until a probe was good', () => {
    const trace = toTrace(calls((second) => (second >= 10 && second < 16 ? 'failed' : 'ok')));
    const shadow = replayShadow(trace, settings);
    expect(shadow).toMatchObject({ opened: 1, calls: 300 });
    // The window holds ten seconds of good calls, so that more than half of it has to turn.
    expect(shadow.openedAt.map((at) => Math.round((at - noon) / 1000))).toEqual([15]);
    expect(shadow.rejected).toBe(20);
    // Nine calls of the outage, and eleven behind it.
    expect(shadow.rejectedWrongly).toBe(11);
  });

  it('one with a short window opens soon, and most that it rejects would have failed', () => {
    const trace = toTrace(calls((second) => (second >= 10 && second < 15 ? 'timeout' : 'ok')));
    const shadow = replayShadow(trace, { ...settings, windowMs: 1000 });
    expect(shadow.openedAt[0]).toBeGreaterThan(noon + 10_000);
    expect(shadow.openedAt[0]).toBeLessThan(noon + 11_000);
    expect(shadow.rejectedWrongly).toBeLessThan(shadow.rejected / 2);
  });

  it('a threshold of 1 never opens, and rejected calls are judged by nobody', () => {
    const trace = toTrace(calls((second) => (second < 10 ? 'rejected' : 'failed')));
    expect(replayShadow(trace, { ...settings, thresholdRatio: 1 })).toEqual({
      ...{ opened: 0, openedAt: [], rejected: 0, rejectedWrongly: 0, calls: 200 },
    });
  });

  it('each instance has a breaker of its own', () => {
    const sick = calls(() => 'failed').map((call) => ({ ...call, instance: 'sick' }));
    const well = calls(() => 'ok').map((call) => ({ ...call, instance: 'well' }));
    const shadow = replayShadow(toTrace([...sick, ...well]), settings);
    expect(shadow.opened).toBe(1);
    expect(shadow.rejectedWrongly).toBe(0);
    expect(shadow.rejected).toBeGreaterThan(250);
  });
});

/** Ten calls a second for half a minute. */
function calls(outcome: (second: number) => CallOutcome): TraceCall[] {
  return Array.from({ length: 300 }, (_, index) => ({
    ...{ t: noon + index * 100, ms: 50, outcome: outcome(index / 10) },
  }));
}
