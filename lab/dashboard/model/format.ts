/**
 * Formats numbers and times for the page.
 *
 * A missing value is a dash, not a zero: a breaker without calls has no latency.
 */

import { toPercent } from '@holdfast/shared/resilience/breaker-words.ts';

/** The text of a missing number. */
export const none = '–';

/** A duration of a countdown or an age: `6.4 s`, `1 min 4 s`. Never negative. */
export function toSeconds(ms: number): string {
  const left = Math.max(0, ms);
  if (left < 60_000) return `${(left / 1_000).toFixed(1)} s`;
  const seconds = Math.round(left / 1_000);
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A duration in whole seconds, rounded up so that nothing ends before it says `0 s`: `48 s`, `60 s`, `2 min`. */
export function toWholeSeconds(ms: number): string {
  const seconds = Math.ceil(Math.max(0, ms) / 1_000);
  return seconds < 120 ? `${seconds} s` : toSeconds(seconds * 1_000);
}

/** A latency: `0.4 ms`, `41 ms`, `12.3 s`; a dash for `null`. */
export function toMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return none;
  if (ms >= 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${ms > 0 && ms < 1 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** A time after the beginning of something: `+0.031 s`, `+12.4 s`, `+2 min 4 s`; with `−` before it. */
export function toOffset(ms: number): string {
  const sign = ms < 0 ? '−' : '+';
  const size = Math.abs(ms);
  return `${sign}${size < 10_000 ? `${(size / 1_000).toFixed(3)} s` : toSeconds(size)}`;
}

/** A share without more digits than the services' own sentences have: `37%`; below 1 % with one. */
export function toShortPercent(share: number): string {
  return share > 0 && share < 0.01 ? toPercent(share) : `${Math.round(share * 100)}%`;
}

/** Something per second, with one decimal below 100: `3.1`. */
export function toRate(perSecond: number): string {
  return perSecond.toFixed(perSecond < 99.95 ? 1 : 0);
}

/** The time of day of the reader: `12:04:41`. */
export function toClock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(':');
}

/** The time of day with milliseconds, as the terminal prints it: `12:04:31.508`. */
export function toExactClock(at: number): string {
  return `${toClock(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`;
}

/** A count with its noun: `1 call`, `5 calls`. */
export function toCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** An id that fits into a table: `lab-6fe6fd36-294` becomes `lab-…-294`. */
export function toShortId(id: string): string {
  return id.length <= 10 ? id : `${id.slice(0, 4)}…${id.slice(-4)}`;
}

/** `order→payment` as a heading, with spaces around the arrow. */
export function toTitle(breaker: string): string {
  return breaker.replace(/\s*→\s*/g, ' → ');
}

/** `order→payment` for a screen reader. */
export function toSpoken(breaker: string): string {
  return breaker.replace(/\s*→\s*/g, ' to ');
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
