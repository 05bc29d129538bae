/**
 * Reads `Retry-After` (RFC 9110, 10.2.3): seconds, or a date in one of the three forms of HTTP.
 *
 * A neighbour may ask for patience, not for ever: what it says is capped here, so that nobody behind has to.
 */
import type { Clock } from './deadline.ts';
import type { HttpResponse } from './http-client.ts';

/** Longest time in milliseconds for which a neighbour is obeyed. */
export const retryAfterCapMs = 60_000;

/** Milliseconds from now, 0 to the cap; `undefined` when the header is absent, nonsense, or a time that is over. */
export function parseRetryAfter({ header }: HttpResponse, clock: Clock): number | undefined {
  const value = header('retry-after')?.trim() ?? '';
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : parseDate(value) - (now(header) ?? clock());
  return ms >= 0 ? Math.min(retryAfterCapMs, ms) : undefined;
}

/** The neighbour's own time when it says so: its clock may differ from ours by more than it asks for. */
function now(header: HttpResponse['header']): number | undefined {
  const date = parseDate(header('date') ?? '');
  return Number.isNaN(date) ? undefined : date;
}

/** A date of HTTP begins with its day; the oldest form does not say that it is GMT. */
function parseDate(text: string): number {
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return Number.NaN;
  return Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
}
