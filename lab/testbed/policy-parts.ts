/**
 * The project's own parts in front of a neighbour, made from a policy: what is `null` in it is there and bounds nothing.
 */
import { type Breaker, createBreaker } from '@holdfast/shared/resilience/breaker.ts';
import type { BreakerEvents } from '@holdfast/shared/resilience/breaker-events.ts';
import { overrideMaxMs } from '@holdfast/shared/resilience/breaker-override.ts';
import { createRetryBudget } from '@holdfast/shared/resilience/budget.ts';
import { createBulkhead } from '@holdfast/shared/resilience/bulkhead.ts';
import { systemClock } from '@holdfast/shared/resilience/deadline.ts';
import type { HttpClient } from '@holdfast/shared/resilience/http-client.ts';
import { createInstances, type Instances, type PeerStatus } from '@holdfast/shared/resilience/instances.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import { createPipeline, type Pipeline } from '@holdfast/shared/resilience/pipeline.ts';

/** Longer than any run. */
export const foreverMs = 3_600_000;
/** More than any run has. */
const unbounded = 1_000_000;
/** As a service asks after a time-out whether an instance lives. */
const signOfLifeMs = 500;
/** The default of a service. */
const slowStartMs = 10_000;

/** What calls go through. */
export interface PolicyParts {
  readonly pipeline: Pipeline;
  readonly instances: Instances;
}

/** Creates the parts in front of the instances at `urls`; the name of a breaker is the address of its instance. */
export function createPolicyParts(
  policy: Policy,
  urls: readonly string[],
  { client, events }: { readonly client: HttpClient; readonly events: BreakerEvents },
): PolicyParts {
  const { attempts, budget, bulkhead, attemptTimeoutMs } = policy;
  const instances = createInstances({
    ...{ name: 'neighbour', strategy: 'least-pending', slowStartMs, clock: systemClock, random: Math.random },
    createBreaker: (url, peers) => createPolicyBreaker(policy, url, peers, events),
    isAlive: (url) =>
      client
        .send({ method: 'GET', url: new URL('/livez', url).href, headers: {}, timeoutMs: signOfLifeMs })
        .then(
          () => true,
          () => false,
        ),
  });
  instances.set(urls);
  const pipeline = createPipeline({
    bulkhead: createBulkhead(
      'to the neighbour',
      bulkhead ?? { maxActive: unbounded, maxQueued: 0, waitMs: 0 },
    ),
    retries: {
      attempts,
      budget: createRetryBudget(budget ?? { ratio: attempts, minPerSecond: unbounded }),
    },
    instances,
    attemptTimeoutMs,
  });
  return { pipeline, instances };
}

function createPolicyBreaker(
  { breaker: settings, attemptTimeoutMs }: Policy,
  url: string,
  peers: PeerStatus,
  events: BreakerEvents,
): Breaker {
  if (settings !== null) return createBreaker({ name: url, settings, attemptTimeoutMs, events, ...peers });
  const breaker = createBreaker({ name: url, attemptTimeoutMs });
  breaker.override('disabled', { ttlMs: overrideMaxMs });
  return breaker;
}
