/** Makes a trace of calls that were heard and not read from a file. */
import { callOutcomes, type Trace, type TraceCall, type TraceFacts } from '../traces/trace.ts';

/** Puts calls into columns, sorted by the moment of beginning; at least one. */
export function toTrace(heard: readonly TraceCall[], facts: TraceFacts): Trace {
  const calls = heard.toSorted((a, b) => a.t - b.t);
  const instances = [...new Set(calls.map(({ instance = '' }) => instance))];
  const indexes = new Map(instances.map((name, index) => [name, index]));
  return {
    kind: 'calls',
    facts,
    calls: calls.length,
    at: Float64Array.from(calls, ({ t }) => t),
    ms: Float64Array.from(calls, ({ ms }) => ms),
    outcome: Uint8Array.from(calls, ({ outcome }) => callOutcomes.indexOf(outcome)),
    instance: Uint16Array.from(calls, ({ instance = '' }) => indexes.get(instance) ?? 0),
    retry: Uint8Array.from(calls, ({ retry }) => (retry === true ? 1 : 0)),
    instances,
    broken: { count: 0, first: [] },
    sentences: [],
  };
}
