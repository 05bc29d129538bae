/**
 * The settings that are searched: each with the values that it may take, few and round, so that two neighbours differ
 * noticeably and a winner can be remembered.
 *
 * The deadline is not among them: it is a promise to the customer. `null` is no bound on retries, or no breaker at all.
 */
import { type BreakerSettings, breakerDefaults } from '@holdfast/shared/resilience/breaker-settings.ts';
import { type Policy, policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import type { Neighbour } from '@holdfast/shared/resilience/model/scenario.ts';
import type { TunedSetting } from './result.ts';
import { toServiceQuantile } from './service-quantile.ts';

/** A value of a setting. */
export type SettingValue = number | null;

/** One setting. */
export interface SearchedSetting {
  readonly path: TunedSetting;
  /** In words, as in a sentence. */
  readonly label: string;
  readonly unit: 'ms' | 'share' | 'count';
  /** The environment variable of a service. */
  readonly env: string;
  /** From low to high; `null` is at the end where nothing is bounded. */
  readonly values: readonly SettingValue[];
  get(policy: Policy): SettingValue;
  set(policy: Policy, value: SettingValue): Policy;
}

/** The time that a probe gets beyond that of an attempt, as in a service. */
const probeExtraMs = 1000;
const roundSteps = [1, 1.5, 2, 3, 5, 7];

/** The settings of a hop in front of this neighbour. */
export function toSpace(neighbour: Neighbour, deadlineMs: number | null): readonly SearchedSetting[] {
  const usualMs = toServiceQuantile(neighbour.serviceMs, 0.5) + neighbour.networkMs;
  const longestMs = Math.min(60_000, deadlineMs ?? Math.max(4000, 20 * usualMs));
  return [
    breakerSetting('thresholdRatio', {
      ...{ label: 'breaker opens above', unit: 'share', env: 'BREAKER_THRESHOLD_RATIO' },
      values: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
    }),
    breakerSetting('minCalls', {
      ...{ label: 'of at least', unit: 'count', env: 'BREAKER_MIN_CALLS' },
      values: [3, 5, 8, 12, 20, 30, 50, 80],
    }),
    breakerSetting('windowMs', {
      ...{ label: 'within', unit: 'ms', env: 'BREAKER_WINDOW_MS' },
      values: [1000, 2000, 3000, 5000, 7000, 10_000, 15_000, 20_000, 30_000],
    }),
    breakerSetting('openMs', {
      ...{ label: 'stays open', unit: 'ms', env: 'BREAKER_OPEN_MS' },
      values: [200, 500, 1000, 1500, 2000, 3000, 5000, 7000, 10_000, 15_000],
    }),
    breakerSetting('openMaxMs', {
      ...{ label: 'at most', unit: 'ms', env: 'BREAKER_OPEN_MAX_MS' },
      values: [1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000],
    }),
    {
      ...{ path: 'attemptTimeoutMs', label: 'attempt timeout', unit: 'ms', env: 'ATTEMPT_TIMEOUT_MS' },
      values: toRoundValues(Math.max(10, usualMs), longestMs),
      get: (policy) => policy.attemptTimeoutMs,
      set: (policy, value) => {
        const attemptTimeoutMs = value ?? policy.attemptTimeoutMs;
        const breaker = policy.breaker && {
          ...policy.breaker,
          probeTimeoutMs: attemptTimeoutMs + probeExtraMs,
        };
        return { ...policy, attemptTimeoutMs, breaker };
      },
    },
    {
      ...{ path: 'attempts', label: 'attempts', unit: 'count', env: 'RETRY_ATTEMPTS' },
      values: [1, 2, 3, 4],
      get: ({ attempts }) => attempts,
      set: (policy, value) => ({ ...policy, attempts: value ?? policy.attempts }),
    },
    {
      ...{ path: 'budget.ratio', label: 'retries per call', unit: 'share', env: 'RETRY_BUDGET_RATIO' },
      values: [0, 0.05, 0.1, 0.2, 0.3, 0.5, 1, null, null],
      get: ({ budget }) => budget?.ratio ?? null,
      set: (policy, ratio) => ({
        ...policy,
        budget:
          ratio === null
            ? null
            : {
                ...(policy.budget ?? policyDefaults.budget),
                minPerSecond: policy.budget?.minPerSecond ?? 3,
                ratio,
              },
      }),
    },
    bulkheadSetting('maxActive', {
      ...{ label: 'calls at once', env: 'BULKHEAD_MAX' },
      values: [4, 8, 16, 32, 64, 128, 256, 512],
    }),
    bulkheadSetting('maxQueued', {
      ...{ label: 'calls that wait', env: 'BULKHEAD_QUEUE_MAX' },
      values: [0, 8, 16, 32, 64, 128, 256],
    }),
  ];
}

/** The settings in which two policies differ. */
export function toDifferences(space: readonly SearchedSetting[], a: Policy, b: Policy): SearchedSetting[] {
  return space.filter((setting) => setting.get(a) !== setting.get(b));
}

function breakerSetting(
  name: keyof BreakerSettings & ('thresholdRatio' | 'minCalls' | 'windowMs' | 'openMs' | 'openMaxMs'),
  rest: Pick<SearchedSetting, 'label' | 'unit' | 'env' | 'values'>,
): SearchedSetting {
  return {
    ...{ ...rest, path: `breaker.${name}` },
    get: ({ breaker }) => breaker?.[name] ?? null,
    set: (policy, value) => {
      if (value === null) return { ...policy, breaker: null };
      const usual = { ...breakerDefaults, probeTimeoutMs: policy.attemptTimeoutMs + probeExtraMs };
      return { ...policy, breaker: { ...(policy.breaker ?? usual), [name]: value } };
    },
  };
}

function bulkheadSetting(
  name: 'maxActive' | 'maxQueued',
  rest: Pick<SearchedSetting, 'label' | 'env' | 'values'>,
): SearchedSetting {
  return {
    ...{ ...rest, unit: 'count', path: `bulkhead.${name}` },
    get: ({ bulkhead }) => bulkhead?.[name] ?? null,
    set: (policy, value) => {
      if (value === null) return { ...policy, bulkhead: null };
      const usual = { maxActive: 512, maxQueued: 256, waitMs: 500 };
      return { ...policy, bulkhead: { ...(policy.bulkhead ?? usual), [name]: value } };
    },
  };
}

/** Round numbers from `low` to `high`, at least two. */
function toRoundValues(low: number, high: number): number[] {
  const all = [1, 2, 3, 4].flatMap((power) => roundSteps.map((step) => step * 10 ** power));
  const within = all.filter((value) => value >= low && value <= high);
  return within.length >= 2 ? within : [Math.max(10, Math.round(high / 2)), Math.max(11, Math.round(high))];
}
