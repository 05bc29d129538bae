/** cockatiel's breaker with its SamplingBreaker and, where a case asks for a timeout, its own policy inside. */
import {
  CircuitState,
  ConstantBackoff,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  noJitterGenerator,
  SamplingBreaker,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { IgnoredError, type Subject, type SubjectKind, type SubjectOptions } from '../subject.ts';

const windowMs = 10_000;

/** cockatiel. */
export const cockatiel: SubjectKind = {
  name: 'cockatiel',
  notApplicable: {
    7: 'its breaker has no capacity; the bulkhead is a policy of its own, in the order that the user writes',
    8: 'its breaker has neither slots nor a timeout; both are policies of their own',
  },
  create: createCockatiel,
};

function createCockatiel({ minCalls, openMs = 10_000, openFactor = 1, timeoutMs }: SubjectOptions): Subject {
  const rate = minCalls === undefined ? {} : { minimumRps: minCalls / (windowMs / 1_000) };
  const sampling = new SamplingBreaker({ threshold: 0.5, duration: windowMs, ...rate });
  const growing = { initialDelay: openMs, exponent: openFactor, generator: noJitterGenerator };
  const halfOpenAfter = openFactor > 1 ? new ExponentialBackoff(growing) : new ConstantBackoff(openMs);
  const options = { halfOpenAfter, breaker: sampling };
  const before = { ...options };
  const breaker = circuitBreaker(
    handleWhen((error) => !(error instanceof IgnoredError)),
    options,
  );
  const policy =
    timeoutMs === undefined ? breaker : wrap(breaker, timeout(timeoutMs, TimeoutStrategy.Aggressive));
  const told: string[] = [];
  breaker.onSuccess(() => told.push('success'));
  breaker.onFailure(() => told.push('failure'));

  return {
    state: () => names[breaker.state],
    run: (work) => policy.execute(({ signal }) => work(signal)),
    ratio() {
      const { currentFailures, currentSuccesses } = sampling.state as Record<string, number>;
      return (currentFailures ?? 0) / ((currentFailures ?? 0) + (currentSuccesses ?? 0));
    },
    told: () => told,
    latencies: () => null,
    opening() {
      const { ownState } = breaker.toJSON() as { ownState: { openedAt?: number } };
      return { openedAt: ownState.openedAt ?? null, probeAt: null, because: null };
    },
    holdOpen: () => void breaker.isolate(),
    options: () => ({ before, after: options }),
    stop: () => undefined,
  };
}

const names: Record<CircuitState, string> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'isolated',
};
