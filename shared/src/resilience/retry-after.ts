/**
 * Reads `Retry-After` (RFC 9110, 10.2.3): seconds, or a date in one of the three forms of HTTP.
 *
 * The value is capped here, so that no caller has to bound it.
 */
import type { Clock } from './deadline.ts';
import type { HttpResponse } from './http-client.ts';

/** The cap in milliseconds. */
export const retryAfterCapMs = 60_000;

/** Milliseconds from now, 0 to the cap; `undefined` when the header is absent, malformed, or in the past. */
export function parseRetryAfter({ header }: HttpResponse, clock: Clock): number | undefined {
  const value = header('retry-after')?.trim() ?? '';
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : parseDate(value) - (now(header) ?? clock());
  return ms >= 0 ? Math.min(retryAfterCapMs, ms) : undefined;
}

/** The `Date` of the answer, if any: the neighbour's clock may differ from this one by more than it asks for. */
function now(header: HttpResponse['header']): number | undefined {
  const date = parseDate(header('date') ?? '');
  return Number.isNaN(date) ? undefined : date;
}

/** An HTTP date begins with the day of the week; the oldest form (asctime) has no `GMT`. */
function parseDate(text: string): number {
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return Number.NaN;
  return Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
}
