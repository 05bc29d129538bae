/**
 * One sample a second and breaker, for the charts. A second without a sample is a gap, not a zero.
 */
import type { RecentCalls } from '@holdfast/shared/observability/wire.ts';

/** The time span of charts and strips. */
export const spanMs = 60_000;

/** The calls of one second. */
export interface Sample {
  /** Whole seconds since 1970, by the lab's clock. */
  readonly second: number;
  readonly ok: number;
  /** Failures and timeouts. */
  readonly failed: number;
  /** Of `ok` and `failed`: those that the relay made. */
  readonly relay: number;
  /** By the breaker, or because no slot was free. */
  readonly rejected: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** The newest samples of one breaker, the oldest first. */
export type Series = readonly Sample[];

/** Adds the first sample of each second; samples older than the span are dropped. */
export function addSample(series: Series, at: number, lately: RecentCalls | undefined): Series {
  const second = Math.floor(at / 1_000);
  if (lately === undefined || (series.at(-1)?.second ?? 0) >= second) return series;
  const oldest = second - spanMs / 1_000 - 2;
  return [...series.filter((sample) => sample.second >= oldest), toSample(second, lately)];
}

/** The samples as columns with `null` wherever a second is missing: what a chart draws. */
export function toColumns(series: Series): {
  readonly seconds: number[];
  readonly samples: (Sample | null)[];
} {
  const seconds: number[] = [];
  const samples: (Sample | null)[] = [];
  for (const sample of series) {
    const last = seconds.at(-1);
    // One second may be missed when a tick comes late; only more than that is silence.
    if (last !== undefined && sample.second - last > 2) {
      seconds.push(last + 1);
      samples.push(null);
    }
    seconds.push(sample.second);
    samples.push(sample);
  }
  return { seconds, samples };
}

/** Calls per second that were sent, by who made them. */
export interface SentRates {
  readonly customers: number;
  readonly relay: number;
}

/** The rates over the newest five samples; `null` without any. */
export function toSentRates(series: Series): SentRates | null {
  const newest = series.slice(-5);
  if (newest.length === 0) return null;
  const mean = (toCalls: (sample: Sample) => number) =>
    newest.reduce((sum, sample) => sum + toCalls(sample), 0) / newest.length;
  return {
    customers: mean(({ ok, failed, relay }) => ok + failed - relay),
    relay: mean(({ relay }) => relay),
  };
}

function toSample(second: number, { counts, relay, p50Ms, p99Ms }: RecentCalls): Sample {
  return {
    second,
    ok: counts.success,
    failed: counts.failure + counts.timeout,
    relay,
    rejected: counts.rejected + counts.saturated,
    p50Ms,
    p99Ms,
  };
}
