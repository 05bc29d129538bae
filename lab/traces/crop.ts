/** The part of a long trace that a search can run hundreds of times. */
import { findFaults, toBucketMs } from './find-faults.ts';
import { toSentCalls } from './sent-calls.ts';
import type { Trace } from './trace.ts';

/** A part of a trace. */
export interface Cropped {
  readonly trace: Trace;
  /** Its first moment, in milliseconds since 1970. */
  readonly startsAt: number;
  /** One of so many calls was taken. */
  readonly thinnedBy: number;
}

/** A part is not shorter than this: a busy trace is thinned instead. */
const leastMs = 60_000;
/** Nor longer than this, however few calls it has: a day without any would be simulated, too. */
const mostMs = 6 * 3_600_000;
/** A fault is seen by the well time before and after it: so much in all, beside a half of the fault. */
const wellMs = 20_000;

/** Takes at most about `maxCalls`: the part around the longest fault, and of a busy one every second call, or fewer. */
export function crop(whole: Trace, maxCalls: number, sentences: string[]): Cropped {
  const startsAt = whole.at[0] ?? 0;
  const endsAt = whole.at[whole.calls - 1] ?? startsAt;
  const spanMs = endsAt - startsAt;
  if (whole.calls <= maxCalls && spanMs <= mostMs) return { trace: whole, startsAt, thinnedBy: 1 };
  const calls = toSentCalls(whole, startsAt);
  const { faults } = findFaults(calls, toBucketMs(calls.length, spanMs));
  const longest = faults.toSorted((a, b) => b.untilMs - b.fromMs - (a.untilMs - a.fromMs))[0];
  const sickMs = longest === undefined ? 0 : longest.untilMs - longest.fromMs;
  const wholeMs = Math.max(leastMs, (spanMs * maxCalls) / whole.calls, sickMs * 1.5 + wellMs);
  const lengthMs = Math.min(spanMs, mostMs, wholeMs);
  const aroundMs = Math.max(0, lengthMs - sickMs);
  const wantedMs = longest === undefined ? 0 : longest.fromMs - aroundMs / 3;
  const fromMs = Math.max(0, Math.min(wantedMs, spanMs - lengthMs));
  const from = startsAt + fromMs;
  const kept: number[] = [];
  for (let index = 0; index < whole.calls; index += 1) {
    const at = whole.at[index] ?? 0;
    if (at >= from && at <= from + lengthMs) kept.push(index);
  }
  const thinnedBy = Math.ceil(kept.length / (maxCalls * 1.2));
  const taken = kept.filter((_, place) => place % thinnedBy === 0);
  sentences.push(
    `Of ${whole.calls.toLocaleString('en')} calls in ${Math.round(spanMs / 1000)} s, ${taken.length.toLocaleString('en')} are used: ` +
      `${Math.round(lengthMs / 1000)} s from ${Math.round(fromMs / 1000)} s on${longest === undefined ? '' : ', around the longest fault'}` +
      `${thinnedBy === 1 ? '' : `, and of these one of ${thinnedBy}`}.`,
  );
  return { trace: take(whole, taken), startsAt: from, thinnedBy };
}

function take(trace: Trace, kept: readonly number[]): Trace {
  return {
    ...trace,
    calls: kept.length,
    at: Float64Array.from(kept, (index) => trace.at[index] ?? 0),
    ms: Float64Array.from(kept, (index) => trace.ms[index] ?? 0),
    outcome: Uint8Array.from(kept, (index) => trace.outcome[index] ?? 0),
    instance: Uint16Array.from(kept, (index) => trace.instance[index] ?? 0),
    retry: Uint8Array.from(kept, (index) => trace.retry[index] ?? 0),
  };
}
