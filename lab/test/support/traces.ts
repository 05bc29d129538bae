/** Traces in memory, from calls. */
import { callOutcomes, type Trace, type TraceCall } from '../../traces/trace.ts';

/** A trace of calls; those that are given need not be sorted. */
export function toTrace(given: readonly TraceCall[], facts: Trace['facts'] = {}): Trace {
  const calls = given.toSorted((a, b) => a.t - b.t);
  const instances = [...new Set(calls.map(({ instance = '' }) => instance))];
  return {
    ...{ kind: 'calls', facts, calls: calls.length, instances },
    at: Float64Array.from(calls, ({ t }) => t),
    ms: Float64Array.from(calls, ({ ms }) => ms),
    outcome: Uint8Array.from(calls, ({ outcome }) => callOutcomes.indexOf(outcome)),
    instance: Uint16Array.from(calls, ({ instance = '' }) => instances.indexOf(instance)),
    retry: Uint8Array.from(calls, ({ retry }) => (retry ? 1 : 0)),
    broken: { count: 0, first: [] },
    sentences: [],
  };
}
