/** A policy from untrusted input, and its defaults, which are those of the services. */
import { describe, expect, it } from 'vitest';
import { hopSettings } from '../../../../src/app/hop-settings.ts';
import { InvalidSettingsError } from '../../../../src/resilience/errors.ts';
import { parsePolicy } from '../../../../src/resilience/model/parse-policy.ts';
import { policyDefaults } from '../../../../src/resilience/model/policy.ts';
import { toProbeTimeoutMs } from '../../../../src/resilience/policy-settings.ts';

describe('the defaults', () => {
  const settings = hopSettings('front', 3000);

  it('are those of a service', () => {
    const ofService = {
      deadlineMs: Number(settings.REQUEST_TIMEOUT_MS.fallback),
      bulkhead: {
        maxActive: Number(settings.BULKHEAD_MAX.fallback),
        maxQueued: Number(settings.BULKHEAD_QUEUE_MAX.fallback),
        waitMs: Number(settings.BULKHEAD_WAIT_MS.fallback),
      },
      attempts: Number(settings.RETRY_ATTEMPTS.fallback),
      budget: { ratio: Number(settings.RETRY_BUDGET_RATIO.fallback) },
      breaker: {
        thresholdRatio: Number(settings.BREAKER_THRESHOLD_RATIO.fallback),
        minCalls: Number(settings.BREAKER_MIN_CALLS.fallback),
        windowMs: Number(settings.BREAKER_WINDOW_MS.fallback),
        openMs: Number(settings.BREAKER_OPEN_MS.fallback),
        openMaxMs: Number(settings.BREAKER_OPEN_MAX_MS.fallback),
        probeTimeoutMs: toProbeTimeoutMs(policyDefaults.attemptTimeoutMs),
      },
      attemptTimeoutMs: Number(settings.ATTEMPT_TIMEOUT_MS.fallback),
    };
    expect(policyDefaults).toMatchObject(ofService);
  });
});

describe('a policy', () => {
  it('keeps what is not named, field by field', () => {
    const parsed = parsePolicy({ attempts: 3, breaker: { minCalls: 9 }, budget: { ratio: 1 } });
    expect(parsed).toEqual({
      ...policyDefaults,
      attempts: 3,
      breaker: { ...policyDefaults.breaker, minCalls: 9 },
      budget: { ...policyDefaults.budget, ratio: 1 },
    });
  });

  it('loses a part by null, and gets it back with its defaults', () => {
    const bare = parsePolicy({ breaker: null, bulkhead: null, budget: null, deadlineMs: null });
    expect(bare).toMatchObject({ breaker: null, bulkhead: null, budget: null, deadlineMs: null });
    expect(parsePolicy({ breaker: { minCalls: 7 } }, bare).breaker).toEqual({
      ...policyDefaults.breaker,
      minCalls: 7,
    });
  });

  it('gives a probe a second more than an attempt, unless it says otherwise', () => {
    const probe = (given: object) => parsePolicy(given).breaker?.probeTimeoutMs;
    expect(probe({ attemptTimeoutMs: 300 })).toBe(1300);
    expect(probe({ attemptTimeoutMs: 300, breaker: { probeTimeoutMs: 50 } })).toBe(50);
  });

  it.each([
    [null, 'Invalid policy: must be an object, got null.'],
    [[], 'Invalid policy: must be an object, got [].'],
    [{ bulkhead: 3 }, 'Invalid policy: bulkhead must be an object, got 3.'],
    [{ attempts: '2' }, 'Invalid policy: attempts must be a whole number from 1 to 10, got "2".'],
    [
      { attemptTimeoutMs: Number.NaN },
      'Invalid policy: attemptTimeoutMs must be a whole number from 1 to 60000, got NaN.',
    ],
    [
      { budget: { ratio: 10, size: 1 } },
      'Invalid policy: budget.size is not one of ratio, minPerSecond; budget.ratio must be a number from 0 to 9, got 10.',
    ],
  ])('%j is refused in words', (given, message) => {
    expect(() => parsePolicy(given as object)).toThrow(message);
  });

  it('has a pointer to each bad field', () => {
    try {
      parsePolicy({ attempts: 0, breaker: { openMs: 1 } });
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidSettingsError);
      const { issues } = error as InvalidSettingsError;
      expect(issues.map(({ pointer }) => pointer)).toEqual(['/attempts', '/breaker/openMs']);
      return;
    }
    expect.unreachable();
  });
});
