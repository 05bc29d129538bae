/** Settings on trial: they see the outcomes of real calls, count what they would have done, and do nothing. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Outcome } from '../../../src/resilience/breaker-state.ts';
import { InvalidSettingsError } from '../../../src/resilience/errors.ts';
import { createShadow, type Shadow } from '../../../src/resilience/shadow.ts';

let shadow: Shadow;

beforeEach(() => {
  vi.useFakeTimers();
  shadow = createShadow('a→b', {
    settings: { minCalls: 4, openMs: 5_000, openFactor: 1 },
    clock: () => Date.now(),
  });
});
afterEach(() => {
  shadow.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Shows it one real call after another. */
async function see(...seen: Outcome[]): Promise<void> {
  for (const outcome of seen) {
    shadow.record({
      name: 'a→b',
      at: Date.now(),
      outcome,
      durationMs: 1,
      late: false,
      probe: false,
      background: false,
      state: 'closed',
      generation: 1,
      error: null,
    });
    await vi.advanceTimersByTimeAsync(0);
  }
}

it('begins closed, with its own settings, and nothing seen', () => {
  const since = Date.now();
  const { config, ...report } = shadow.report();
  expect(report).toEqual({ since, state: 'closed', opened: 0, wouldReject: 0, calls: 0 });
  expect(config).toMatchObject({ minCalls: 4, openMs: 5_000, thresholdRatio: 0.5 });
  expect(config).not.toHaveProperty('attemptTimeoutMs');
});

it('opens by its own settings, and counts the calls that it would have rejected', async () => {
  await see('success', 'failure', 'timeout');
  expect(shadow.report()).toMatchObject({ state: 'closed', opened: 0, calls: 3 });
  await see('failure');
  expect(shadow.report()).toMatchObject({ state: 'open', opened: 1, wouldReject: 0, calls: 4 });
  await see('success', 'failure');
  expect(shadow.report()).toMatchObject({ state: 'open', opened: 1, wouldReject: 2, calls: 6 });
});

it('stays closed while calls go well', async () => {
  await see('success', 'success', 'success', 'failure', 'failure', 'success');
  expect(shadow.report()).toMatchObject({ state: 'closed', opened: 0, wouldReject: 0, calls: 6 });
});

it('takes time-outs for failures', async () => {
  await see('timeout', 'timeout', 'timeout', 'timeout');
  expect(shadow.report()).toMatchObject({ state: 'open', opened: 1 });
});

it('does not see calls that were not made', async () => {
  await see('rejected', 'saturated', 'ignored', 'failure', 'failure', 'failure');
  expect(shadow.report()).toMatchObject({ state: 'closed', calls: 3 });
});

it('takes a real call for its probe, and counts an opening once however many probes fail', async () => {
  await see('failure', 'failure', 'failure', 'failure');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(shadow.report().state).toBe('half_open');
  await see('failure');
  expect(shadow.report()).toMatchObject({ state: 'open', opened: 1, wouldReject: 0 });
  await vi.advanceTimersByTimeAsync(5_000);
  await see('success');
  expect(shadow.report()).toMatchObject({ state: 'closed', opened: 1 });
  await see('failure', 'failure', 'failure', 'failure');
  expect(shadow.report()).toMatchObject({ state: 'open', opened: 2 });
});

it('refuses settings out of their range', () => {
  const settings = { minCalls: 0 };
  expect(() => createShadow('a→b', { settings, clock: () => 0 })).toThrow(InvalidSettingsError);
});
