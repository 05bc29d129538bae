/** The adapter as a subject, with the bulkhead outside and a cooperative attempt timeout inside, as in forward.ts. */

import { createBreaker } from '../../../../src/resilience/breaker.ts';
import { classifyByDefault } from '../../../../src/resilience/breaker-call.ts';
import type { BreakerEventMap } from '../../../../src/resilience/breaker-events.ts';
import { createBulkhead } from '../../../../src/resilience/bulkhead.ts';
import { AttemptTimeoutError } from '../../../../src/resilience/errors.ts';
import { createEventBus } from '../../../../src/resilience/event-bus.ts';
import { IgnoredError, type Subject, type SubjectKind, type SubjectOptions, type Work } from '../subject.ts';

/** Our breaker. */
export const adapter: SubjectKind = {
  name: 'adapter',
  notApplicable: {},
  create: createAdapter,
};

function createAdapter({ capacity = 1_000, timeoutMs, ...given }: SubjectOptions): Subject {
  const settings = { ...given };
  const before = structuredClone(settings);
  const events = createEventBus<BreakerEventMap>();
  const told: string[] = [];
  events.on('call', ({ outcome }) => told.push(outcome));
  const breaker = createBreaker({ name: 'a→b', settings, events, random: () => 0 });
  const bulkhead = createBulkhead('a→b', { maxActive: capacity, maxQueued: 0, waitMs: 1 });
  const classify = (error: unknown) => (error instanceof IgnoredError ? 'ignored' : classifyByDefault(error));

  return {
    state: () => breaker.view().state,
    run: (work) => bulkhead.run(() => breaker.run(attempt(work, timeoutMs), { classify })),
    ratio: () => breaker.view().openedBecause?.ratio ?? breaker.view().window.ratio,
    told: () => told,
    latencies: () => breaker.view().latency.samples,
    opening() {
      const { openedAt, probeAt, openedBecause } = breaker.view();
      const { failures, calls, threshold } = openedBecause ?? { failures: 0, calls: 0, threshold: 0 };
      return { openedAt, probeAt, because: openedBecause && `${failures}/${calls} > ${threshold}` };
    },
    holdOpen: (ttlMs) => breaker.override('open', { ttlMs }),
    disable: () => breaker.override('disabled'),
    setMinCalls(minCalls) {
      let cleared = false;
      events.on('configured', (event) => {
        cleared = event.windowCleared;
      });
      const changed = breaker
        .configure({ minCalls })
        .map(({ setting, from, to }) => `${setting} ${from} → ${to}`);
      return `${changed.join()}${cleared ? ', window cleared' : ''}`;
    },
    options: () => ({ before, after: settings }),
    stop: () => breaker.stop(),
  };
}

function attempt(work: Work, timeoutMs: number | undefined): Work {
  if (timeoutMs === undefined) return work;
  return async (signal) => {
    const own = new AbortController();
    const timer = setTimeout(() => own.abort(), timeoutMs);
    try {
      return await work(AbortSignal.any([signal, own.signal]));
    } catch (error) {
      throw own.signal.aborted ? new AttemptTimeoutError(`No answer within ${timeoutMs} ms.`) : error;
    } finally {
      clearTimeout(timer);
    }
  };
}
