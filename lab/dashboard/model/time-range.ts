/** The time that all charts and strips show: a span that ends now, or at a moment that somebody went back to. */

/** The spans to choose from, with their words. */
export const spans = [
  { ms: 60_000, words: '1 min', long: '60 s' },
  { ms: 300_000, words: '5 min', long: '5 min' },
  { ms: 1_800_000, words: '30 min', long: '30 min' },
] as const;

/** What was chosen. */
export interface TimeChoice {
  readonly spanMs: number;
  /** The end; `null` follows the present. */
  readonly until: number | null;
}

/** What is shown, in milliseconds since 1970. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
  readonly isLive: boolean;
}

/** The last minute. */
export const usualChoice: TimeChoice = { spanMs: spans[0].ms, until: null };

/** The range of a choice. */
export function toTimeRange({ spanMs, until }: TimeChoice, now: number): TimeRange {
  const to = until === null ? now : Math.min(until, now);
  return { from: to - spanMs, to, isLive: until === null };
}

/** Goes to another end: not before the oldest data, and at the present it is live again. */
export function scrollTo(
  choice: TimeChoice,
  until: number | null,
  { oldest, now }: { oldest: number; now: number },
): TimeChoice {
  if (until === null || until >= now) return { ...choice, until: null };
  return { ...choice, until: Math.min(now, Math.max(until, oldest + choice.spanMs)) };
}

/** `60 s`, `5 min`, `30 min`. */
function toSpanWords({ spanMs }: TimeChoice): string {
  return spans.find(({ ms }) => ms === spanMs)?.long ?? `${Math.round(spanMs / 1_000)} s`;
}

/** `the last 60 s`, or `60 s until 12:04:31`. */
export function toRangeWords(choice: TimeChoice, toClock: (at: number) => string): string {
  const span = toSpanWords(choice);
  return choice.until === null ? `the last ${span}` : `${span} until ${toClock(choice.until)}`;
}
