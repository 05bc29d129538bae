/** A policy as somebody takes it over: environment variables of a service, code, or the change of a running hop. */
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';

/** Most retries a call that a service can be told. */
const mostRatio = 9;

/** Lines of an environment, as a service takes them. */
export function toEnvironmentLines(policy: Policy): string[] {
  const { deadlineMs, bulkhead, attempts, attemptTimeoutMs } = policy;
  const { breaker, ratio } = toBounded(policy);
  return [
    ...(deadlineMs === null ? [] : [`REQUEST_TIMEOUT_MS=${deadlineMs}`]),
    `ATTEMPT_TIMEOUT_MS=${attemptTimeoutMs}`,
    `RETRY_ATTEMPTS=${attempts}`,
    `RETRY_BUDGET_RATIO=${ratio}`,
    `BREAKER_THRESHOLD_RATIO=${breaker?.thresholdRatio ?? 1}`,
    ...(breaker === null
      ? []
      : [
          `BREAKER_MIN_CALLS=${breaker.minCalls}`,
          `BREAKER_WINDOW_MS=${breaker.windowMs}`,
          `BREAKER_OPEN_MS=${breaker.openMs}`,
          `BREAKER_OPEN_MAX_MS=${breaker.openMaxMs}`,
        ]),
    ...(bulkhead === null
      ? []
      : [
          `BULKHEAD_MAX=${bulkhead.maxActive}`,
          `BULKHEAD_QUEUE_MAX=${bulkhead.maxQueued}`,
          `BULKHEAD_WAIT_MS=${bulkhead.waitMs}`,
        ]),
  ];
}

/** The parts of a pipeline, as in shared/src/resilience/README.md. */
export function toCode(policy: Policy): string {
  const { bulkhead, attempts, attemptTimeoutMs, budget } = policy;
  const { breaker, ratio } = toBounded(policy);
  const json = (value: object) =>
    `{ ${Object.entries(value)
      .map(([name, one]) => `${name}: ${one}`)
      .join(', ')} }`;
  const slots = bulkhead ?? { maxActive: 10_000, maxQueued: 0, waitMs: 1 };
  return [
    `const settings = ${json(breaker ?? { thresholdRatio: 1 })};`,
    'const pipeline = createPipeline({',
    `  bulkhead: createBulkhead(name, ${json(slots)}),`,
    `  retries: { attempts: ${attempts}, budget: createRetryBudget(${json({ ratio, minPerSecond: budget?.minPerSecond ?? 3 })}) },`,
    '  // createBreaker: (url) => createBreaker({ name, events, settings, attemptTimeoutMs })',
    '  instances: createInstances({ … }),',
    `  attemptTimeoutMs: ${attemptTimeoutMs},`,
    '});',
  ].join('\n');
}

/**
 * A policy as a running hop takes it: it has every part, so what bounds nothing is a number there. Its deadline cannot be
 * changed while it runs.
 */
export function toHopPolicy(policy: Policy) {
  const { breaker, ratio } = toBounded(policy);
  return {
    attempts: policy.attempts,
    attemptTimeoutMs: policy.attemptTimeoutMs,
    budget: { ...policy.budget, ratio },
    breaker: breaker ?? { thresholdRatio: 1 },
    bulkhead: policy.bulkhead ?? {},
  };
}

/** What a running hop is asked to change from `from` to `to`. */
export function toPolicyPatch(from: Policy, to: Policy): object {
  const changed = (old: object, now: object): object =>
    Object.fromEntries(
      Object.entries(now).flatMap(([name, value]): [string, unknown][] => {
        const was: unknown = (old as Record<string, unknown>)[name];
        if (typeof value !== 'object') return value === was ? [] : [[name, value]];
        const part = changed((was ?? {}) as object, value as object);
        return Object.keys(part).length === 0 ? [] : [[name, part]];
      }),
    );
  return changed(toHopPolicy(from), toHopPolicy(to));
}

/** A hop always has a budget: as many retries as a call may make bound none. */
function toBounded({ attempts, budget, breaker }: Policy) {
  return { ratio: budget?.ratio ?? Math.min(mostRatio, attempts - 1), breaker };
}
