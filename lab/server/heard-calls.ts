/**
 * The single calls of each hop, as the steps of documents tell them: one for each attempt that was sent, and one for a
 * delivery that the caller's own side refused.
 *
 * A stream leaves steps out when there are too many, so a burst is heard in part.
 */
import type { DocumentStep } from '@holdfast/shared/observability/events.ts';
import type { TraceCall } from '../traces/trace.ts';

/** The calls of a lab. */
export interface HeardCalls {
  /** Takes one step of the service called `service`. */
  take(service: string, step: Pick<DocumentStep, 'step' | 'at' | 'ms' | 'next' | 'attempts'>): void;
  /** Tells the calls of a hop from now on; the returned function ends it. */
  listen(hop: string, onCall: (call: TraceCall) => void): () => void;
}

/** Outcomes of an attempt with an answer of the neighbour that says nothing against it. */
const good: ReadonlySet<string> = new Set(['done', 'refused', 'waiting']);
/** Codes of errors by which the caller's own side refused. */
const refusals: ReadonlySet<string> = new Set(['breaker-open', 'bulkhead-full', 'no-instance']);
/** Codes that say nothing of the neighbour: the caller had no time left. */
const silent: ReadonlySet<string> = new Set(['deadline-exceeded']);

/** Begins without listeners. */
export function createHeardCalls(): HeardCalls {
  const listeners = new Map<string, Set<(call: TraceCall) => void>>();

  return {
    take(service, { step, at, ms, next, attempts = [] }) {
      const own =
        step === 'handed-on' && next !== null ? listeners.get(`${service}→${next.name}`) : undefined;
      if (own === undefined || next === null) return;
      const calls = attempts.flatMap((attempt, index) => toCall(attempt, index > 0));
      if (calls.length === 0 && refusals.has(next.outcome))
        calls.push({ t: at - ms, ms, outcome: 'rejected' });
      for (const call of calls) for (const tell of own) tell(call);
    },
    listen(hop, onCall) {
      const own = listeners.get(hop) ?? new Set();
      listeners.set(hop, own.add(onCall));
      return () => {
        own.delete(onCall);
        if (own.size === 0) listeners.delete(hop);
      };
    },
  };
}

function toCall(
  { at, ms, url, outcome }: NonNullable<DocumentStep['attempts']>[number],
  retry: boolean,
): TraceCall[] {
  if (silent.has(outcome)) return [];
  const ended = good.has(outcome) ? 'ok' : outcome === 'attempt-timeout' ? 'timeout' : 'failed';
  return [{ t: at, ms, outcome: ended, instance: toHost(url), ...(retry ? { retry: true as const } : {}) }];
}

function toHost(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
