/** The calls of a trace that reached the neighbour, cut into equal spans of time. */
import { quantile } from '../measure/statistics.ts';
import type { Trace } from './trace.ts';

/** Calls that were sent, by the moment of beginning in milliseconds from `startsAt`. */
export interface SentCalls {
  readonly length: number;
  readonly at: Float64Array;
  readonly ms: Float64Array;
  readonly outcome: Uint8Array;
  readonly instance: Uint16Array;
}

/** What happened to the calls that began in one span. */
export interface Bucket {
  readonly fromMs: number;
  readonly calls: number;
  readonly failedRatio: number;
  readonly timeoutRatio: number;
  /** Of all but failed calls, where one that timed out counts with what was waited; `NaN` without. */
  readonly p10Ms: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
}

/** Indexes of `callOutcomes`. */
export const ended = { ok: 0, failed: 1, timeout: 2, rejected: 3 } as const;

/** The calls that were sent, `from` to `to` of a trace. */
export function toSentCalls(trace: Trace, startsAt: number, from = 0, to = trace.calls): SentCalls {
  const kept: number[] = [];
  for (let index = from; index < to; index += 1)
    if (trace.outcome[index] !== ended.rejected) kept.push(index);
  return pick({ ...trace, length: trace.calls }, kept, startsAt);
}

/** Some of the calls. */
export function pick(calls: SentCalls, kept: readonly number[], startsAt = 0): SentCalls {
  return {
    length: kept.length,
    at: Float64Array.from(kept, (index) => (calls.at[index] ?? 0) - startsAt),
    ms: Float64Array.from(kept, (index) => calls.ms[index] ?? 0),
    outcome: Uint8Array.from(kept, (index) => calls.outcome[index] ?? 0),
    instance: Uint16Array.from(kept, (index) => calls.instance[index] ?? 0),
  };
}

/** Cuts calls into spans of `bucketMs`; `ms` are their durations. Spans without calls are there, too. */
export function toBuckets(calls: SentCalls, bucketMs: number, ms: Float64Array = calls.ms): Bucket[] {
  const buckets: Bucket[] = [];
  let index = 0;
  const lastAt = calls.at[calls.length - 1] ?? -1;
  for (let fromMs = 0; fromMs <= lastAt; fromMs += bucketMs) {
    const first = index;
    while (index < calls.length && (calls.at[index] ?? 0) < fromMs + bucketMs) index += 1;
    buckets.push(toBucket(calls, fromMs, ms, [first, index]));
  }
  return buckets;
}

function toBucket(
  { outcome }: SentCalls,
  fromMs: number,
  ms: Float64Array,
  [first, end]: readonly [number, number],
): Bucket {
  const durations = new Float64Array(end - first);
  let answered = 0;
  let timeouts = 0;
  for (let index = first; index < end; index += 1) {
    if (outcome[index] === ended.timeout) timeouts += 1;
    if (outcome[index] === ended.failed) continue;
    durations[answered] = ms[index] ?? 0;
    answered += 1;
  }
  const sorted = durations.subarray(0, answered).sort();
  const calls = end - first;
  return {
    ...{ fromMs, calls, failedRatio: (calls - answered) / calls, timeoutRatio: timeouts / calls },
    p10Ms: quantile(sorted, 0.1),
    p50Ms: quantile(sorted, 0.5),
    p90Ms: quantile(sorted, 0.9),
  };
}

/** How many earlier calls to the same instance each call met under way. */
export function toInFlight({ length, at, ms, instance }: SentCalls): Uint32Array {
  const ends = new Map<number, number[]>();
  for (let index = 0; index < length; index += 1) {
    const place = instance[index] ?? 0;
    const own = ends.get(place) ?? [];
    ends.set(place, own);
    own.push((at[index] ?? 0) + (ms[index] ?? 0));
  }
  const places = new Map(
    [...ends].map(([place, own]) => [place, { ends: Float64Array.from(own).sort(), begun: 0, over: 0 }]),
  );
  return Uint32Array.from(at, (began, index) => {
    const place = places.get(instance[index] ?? 0);
    if (place === undefined) return 0;
    while ((place.ends[place.over] ?? Number.POSITIVE_INFINITY) <= began) place.over += 1;
    place.begun += 1;
    return place.begun - 1 - place.over;
  });
}
