/**
 * Makes the real pipeline of a policy: the same value that `simulate` was asked about runs in the app.
 */
import type { Strategy } from '../balancer.ts';
import { createBreaker } from '../breaker.ts';
import type { BreakerEvents } from '../breaker-events.ts';
import { breakerDefaults } from '../breaker-settings.ts';
import { createRetryBudget, unlimitedBudget } from '../budget.ts';
import { createBulkhead } from '../bulkhead.ts';
import { createDeadline, systemClock } from '../deadline.ts';
import { createInstances, type Instances } from '../instances.ts';
import { type Attempt, createPipeline, type Pipeline } from '../pipeline.ts';
import { type PartialPolicy, parsePolicy } from './parse-policy.ts';

/** What a policy does not say. */
export interface PolicyPipelineOptions {
  /** `front→back`; the name of the breaker, with the host behind it when there are several addresses. */
  readonly name: string;
  /** The addresses of the instances. */
  readonly urls: readonly string[];
  readonly events?: BreakerEvents;
  /** Which of several instances gets a call. @default 'least-pending' */
  readonly strategy?: Strategy;
  /** How long an instance takes back to its full share after its breaker has closed. @default 10000 */
  readonly slowStartMs?: number;
  /** Whether the instance at `url` answers anything soon; asked after a time-out. @default always */
  readonly isAlive?: (url: string) => Promise<boolean>;
}

/** A pipeline with what it is made of. */
export interface PolicyPipeline {
  /** Sends one call with the deadline of the policy; `send` makes one attempt at `attempt.url`. */
  run<T>(send: (attempt: Attempt) => Promise<T>): Promise<T>;
  /** The same with a deadline, headers or a fallback of the call's own. */
  readonly pipeline: Pipeline;
  readonly instances: Instances;
  /** Ends the timers of its breakers; no other call passes. */
  stop(): void;
}

/**
 * Creates the pipeline of `policy`; what it leaves out is `policyDefaults`.
 *
 * @throws {InvalidSettingsError} which names every field that is unknown, of another type or out of its range.
 */
export function createPipelineOf(
  policy: PartialPolicy,
  { name, urls, events, strategy = 'least-pending', slowStartMs = 10_000, isAlive }: PolicyPipelineOptions,
): PolicyPipeline {
  const { deadlineMs, bulkhead, attempts, budget, breaker, attemptTimeoutMs } = parsePolicy(policy);
  const instances = createInstances({
    name,
    strategy,
    slowStartMs,
    clock: systemClock,
    random: Math.random,
    isAlive: isAlive ?? (async () => true),
    createBreaker: (url, peers) =>
      createBreaker({
        name: urls.length === 1 ? name : `${name}@${new URL(url).host}`,
        attemptTimeoutMs,
        ...(events === undefined ? {} : { events }),
        // Without a breaker every call passes: a share of failures above 1 never comes.
        settings: breaker ?? { ...breakerDefaults, thresholdRatio: 1 },
        ...peers,
      }),
  });
  instances.set(urls);
  const pipeline = createPipeline({
    bulkhead: createBulkhead(
      name,
      bulkhead ?? { maxActive: Number.POSITIVE_INFINITY, maxQueued: 0, waitMs: 1 },
    ),
    retries: { attempts, budget: budget === null ? unlimitedBudget : createRetryBudget(budget) },
    instances,
    attemptTimeoutMs,
  });

  return {
    run(send) {
      const deadline = createDeadline(deadlineMs ?? Number.POSITIVE_INFINITY);
      return pipeline({ deadline, propagatedHeaders: {}, callerRetries: false }, send);
    },
    pipeline,
    instances,
    stop: () => instances.stop(),
  };
}
