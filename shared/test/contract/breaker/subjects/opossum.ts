/** opossum as it comes, set up by its README: capacity, timeout, errorFilter and abortController are its own. */
import CircuitBreaker from 'opossum';
import { IgnoredError, type Subject, type SubjectKind, type SubjectOptions, type Work } from '../subject.ts';

/** Raw opossum. */
export const opossum: SubjectKind = {
  name: 'opossum',
  notApplicable: {},
  create: createOpossum,
};

function createOpossum({ minCalls, openMs = 10_000, capacity, timeoutMs }: SubjectOptions): Subject {
  const options: CircuitBreaker.Options<[Work]> = {
    timeout: timeoutMs ?? false,
    resetTimeout: openMs,
    errorThresholdPercentage: 50,
    errorFilter: (error) => error instanceof IgnoredError,
    abortController: new AbortController(),
    ...(minCalls === undefined ? {} : { volumeThreshold: minCalls }),
    ...(capacity === undefined ? {} : { capacity }),
  };
  const before = { ...options };
  const breaker = new CircuitBreaker<[Work], unknown>((work) => work(signalOf(options)), options);
  const told: string[] = [];
  for (const event of ['success', 'failure', 'timeout', 'reject'] as const) {
    breaker.on(event as 'reject', () => told.push(event));
  }

  return {
    state: () => (breaker.closed ? 'closed' : breaker.halfOpen ? 'half_open' : 'open'),
    run: (work) => breaker.fire(work),
    ratio: () => breaker.stats.failures / breaker.stats.fires,
    told: () => told,
    latencies: () => breaker.stats.latencyTimes.length,
    opening: () => ({
      openedAt: Number(breaker.toJSON().state.lastTimerAt),
      probeAt: null,
      because: null,
    }),
    holdOpen: () => breaker.open(),
    disable: () => breaker.disable(),
    setMinCalls(volumeThreshold) {
      // opossum keeps the object that it was given as its `options`.
      options.volumeThreshold = volumeThreshold;
      return 'nothing';
    },
    options: () => ({ before, after: options }),
    stop: () => breaker.shutdown(),
  };
}

function signalOf({ abortController }: CircuitBreaker.Options<[Work]>): AbortSignal {
  return (abortController ?? new AbortController()).signal;
}
