/** What a caller does about its neighbour: all settings of one hop in one value. */
import { type BreakerSettings, breakerDefaults } from '../breaker-settings.ts';
import type { BudgetSettings } from '../budget.ts';
import type { BulkheadSettings } from '../bulkhead.ts';

/** All settings of one hop, from the outside in. */
export interface Policy {
  /** How long the caller waits in all, in milliseconds; `null`: for ever. */
  readonly deadlineMs: number | null;
  /** `null`: no bound on calls in flight. */
  readonly bulkhead: BulkheadSettings | null;
  /** Attempts, the first included; 1 means no retry. */
  readonly attempts: number;
  /** `null`: as many retries as `attempts` allows. */
  readonly budget: BudgetSettings | null;
  /** `null`: no breaker, so every call passes. */
  readonly breaker: BreakerSettings | null;
  /** Longest time of one attempt in milliseconds. */
  readonly attemptTimeoutMs: number;
}

/** The defaults of a service (docs/reference.md). */
export const policyDefaults: Policy = Object.freeze({
  deadlineMs: 4000,
  bulkhead: { maxActive: 512, maxQueued: 256, waitMs: 500 },
  attempts: 2,
  budget: { ratio: 0.2, minPerSecond: 3 },
  breaker: { ...breakerDefaults, probeTimeoutMs: 2500 },
  attemptTimeoutMs: 1500,
});
