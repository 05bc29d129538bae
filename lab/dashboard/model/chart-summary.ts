/** The charts in a sentence, for screen readers. */

import type { BreakerSample } from '../../server/wire.ts';
import { toMs, toRate } from './format.ts';

/** The shortest time between changes, so that a screen reader can finish. */
export const summaryEveryMs = 5_000;

/** `In the last 60 s: 820 calls ok, 31 failed, 78 rejected; at its end 19.8 ok, 0.0 failed and 0.0 rejected a second.` */
export function toCallsSummary(series: readonly BreakerSample[], range: string): string {
  const last = series.at(-1);
  if (last === undefined) return `No data in ${range}.`;
  const sum = (key: 'ok' | 'failed' | 'rejected') => series.reduce((total, sample) => total + sample[key], 0);
  const now = `at its end ${toRate(last.ok)} ok, ${toRate(last.failed)} failed and ${toRate(last.rejected)} rejected a second`;
  return `In ${range}: ${sum('ok')} calls ok, ${sum('failed')} failed, ${sum('rejected')} rejected; ${now}.`;
}

/** `In the last 60 s: p50 up to 22 ms, p99 up to 301 ms; the timeout is 300 ms.` */
export function toLatencySummary(
  series: readonly BreakerSample[],
  timeoutMs: number | null,
  range: string,
): string {
  const timeout = timeoutMs === null ? '' : ` The timeout is ${timeoutMs} ms.`;
  const p50 = toHighest(series, (sample) => sample.p50Ms);
  if (p50 === null) return `No call was made in ${range}.${timeout}`;
  const p99 = toHighest(series, (sample) => sample.p99Ms);
  return `In ${range}: p50 up to ${toMs(p50)}, p99 up to ${toMs(p99)}.${timeout}`;
}

function toHighest(
  series: readonly BreakerSample[],
  of: (sample: BreakerSample) => number | null,
): number | null {
  const known = series.map(of).filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
