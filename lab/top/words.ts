/**
 * The short words and numbers in the cells of `npm run top`. Pure functions; whole sentences come from the services.
 */

import type { FaultView } from '@holdfast/shared/faults/fault-events.ts';
import type { BreakerReport, RecentCalls, ServiceStatus } from '@holdfast/shared/observability/wire.ts';
import type { Outcome } from '@holdfast/shared/resilience/breaker-state.ts';
import { toExcess, toPercent } from '@holdfast/shared/resilience/breaker-words.ts';

/** The next transition, in at most 15 columns; `ageMs` is how old the report is. */
export function toNext(breaker: BreakerReport, at: number, ageMs: number): string {
  if (breaker.until !== null) return `for ${toLeft(breaker.until - at - ageMs)}`;
  if (breaker.state === 'half_open') return breaker.probeUntil === null ? 'probe is next' : 'probing now';
  if (breaker.probeInMs === null) return breaker.strained ? 'strained' : '';
  const leftMs = breaker.probeInMs - ageMs;
  return leftMs <= 0 ? 'probe is due' : `probe in ${toLeft(leftMs)}`;
}

/** The error rate beside its threshold: `60% > 50%`, `12% ≤ 50%`, `– ≤ 50%` without calls. */
export function toErrors({ window, config }: BreakerReport): string {
  const { thresholdRatio } = config;
  if (window.calls === 0) return `– ≤ ${toPercent(thresholdRatio)}`;
  return window.ratio > thresholdRatio
    ? toExcess({ ratio: window.ratio, threshold: thresholdRatio })
    : `${toPercent(window.ratio, 0)} ≤ ${toPercent(thresholdRatio)}`;
}

/** Calls of the last second, rejected ones included; a breaker without any is not reported. */
export function toRate(lately: RecentCalls | undefined): string {
  if (lately === undefined) return '0';
  return toNumber(Object.values(lately.counts).reduce((sum, count) => sum + count, 0));
}

/** Calls in the window with one of these outcomes. */
export function toCount({ window }: BreakerReport, outcomes: readonly Outcome[]): string {
  const ofBucket = (bucket: Readonly<Record<Outcome, number>>) =>
    outcomes.reduce((sum, outcome) => sum + bucket[outcome], 0);
  return toNumber(window.buckets.reduce((sum, bucket) => sum + ofBucket(bucket), 0));
}

/** `41 ms`, `1.5 s`, `–` when there is none. */
export function toLatency(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** `6.4 s`, `2 min 5 s`; never less than nothing. */
export function toLeft(ms: number): string {
  const left = Math.max(0, ms);
  if (left < 99_950) return `${(left / 1_000).toFixed(1)} s`;
  const seconds = Math.round(left / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `12:04:31`, in the time zone of the terminal. */
export function toClock(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** `12:04:31.508`, as the log writes it. */
export function toExactClock(at: number): string {
  return `${toClock(at)}.${`${new Date(at).getMilliseconds()}`.padStart(3, '0')}`;
}

/** What is pending at a service, with the age of the oldest: `5 (12 s)`. */
export function toPending(relay: ServiceStatus['relay']): string {
  if (relay === null) return '–';
  const { pending, oldestMs } = relay;
  if (pending === 0) return '0';
  const count = pending < 10_000 ? pending : `${Math.floor(pending / 1_000)}k`;
  return `${count} (${toAge(oldestMs)})`;
}

/** `flaky: error 503 60% · 48.0 s left` */
export function toFault(fault: FaultView, ageMs: number): string {
  const { name, type, status, ms, rate, phase } = fault;
  const what = type === 'error' ? ` ${status}` : type === 'latency' ? ` ${toLatency(ms)}` : '';
  const share = rate === 1 ? '' : ` ${toPercent(rate)}`;
  const when = phase === 'after' ? ' after the save' : '';
  const left = fault.leftMs === null ? 'until the restart' : `${toLeft(fault.leftMs - ageMs)} left`;
  return `${name}: ${type}${what}${share}${when} · ${left}`;
}

/** A count that fits its column: `12345`, `123k`, `12M`. */
export function toNumber(count: number): string {
  if (count < 100_000) return `${Math.round(count)}`;
  return count < 1e7 ? `${Math.floor(count / 1e3)}k` : `${Math.floor(count / 1e6)}M`;
}

function toAge(ms: number): string {
  if (ms < 99_500) return `${Math.round(ms / 1_000)} s`;
  return ms < 5_970_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
