/** What a tuning run found, as a value: written for the lab, which shows it beside the settings of a running chain. */
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';

/** The settings that are searched, by their path in a policy. */
const tunedSettings = [
  'breaker.thresholdRatio',
  'breaker.minCalls',
  'breaker.windowMs',
  'breaker.openMs',
  'breaker.openMaxMs',
  'attemptTimeoutMs',
  'attempts',
  'budget.ratio',
  'bulkhead.maxActive',
  'bulkhead.maxQueued',
] as const;

/** The path of a setting that is searched. */
export type TunedSetting = (typeof tunedSettings)[number];

/** One policy with what it measured, all seeds and scenarios together. */
export interface TunedPolicy {
  readonly policy: Policy;
  /** Of the first seed, in the scenario itself. */
  readonly outcome: RunOutcome;
  /** What it gains and costs against the current settings, in a sentence. */
  readonly costs: string;
}

/** The result of one run of `npm run tune`. */
export interface TuneResult {
  /** Caller and neighbour, as in `order→payment`; `neighbour` where none was named. */
  readonly hop: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whether load and service times were described or recorded. */
  readonly source: 'fault' | 'trace';
  readonly scenario: Scenario;
  readonly current: TunedPolicy;
  /** At most three, the best one first. */
  readonly best: readonly TunedPolicy[];
  /** Why a setting of the best policy is what it is. */
  readonly why: Readonly<Partial<Record<TunedSetting, string>>>;
  readonly sentence: string;
  readonly seed: number;
  /** Makes it again. */
  readonly command: string;
}
