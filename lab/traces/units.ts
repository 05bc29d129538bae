/**
 * Units of time in a file: what is unlikely is asked, never assumed.
 *
 * A moment between 1990 and 2100 tells its unit by its size; a duration does not, so that a likely guess is a question.
 */

/** Units of time in a file. */
export const traceUnits = ['s', 'ms', 'us', 'ns'] as const;

/** A unit of time in a file. */
export type TraceUnit = (typeof traceUnits)[number];

/** How many milliseconds one has. */
export const unitMs: Readonly<Record<TraceUnit, number>> = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 };

/** What it is called. */
export const unitNames: Readonly<Record<TraceUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
};

/** How moments are counted: since 1970 in a unit, or from a beginning of their own. */
export type TimeScale = TraceUnit | 'own';

const years = { from: Date.UTC(1990), to: Date.UTC(2100) } as const;

/** How a moment is counted; `undefined` when it is in no year that a trace is of. */
export function toTimeScale(t: number): TimeScale | undefined {
  const unit = traceUnits.find((one) => t * unitMs[one] >= years.from && t * unitMs[one] < years.to);
  // Seconds since 1990 are the smallest of those numbers.
  return unit ?? (t < years.from / unitMs.s ? 'own' : undefined);
}

/** The unit that durations in milliseconds probably are in, by their median: a call over a network takes 1 ms to 30 s. */
export function guessUnit(medianMs: number): TraceUnit {
  if (medianMs < 1) return 's';
  if (medianMs <= 30_000) return 'ms';
  return medianMs <= 30_000_000 ? 'us' : 'ns';
}
