/** The header by which a caller says how long it waits for the answer. */
import { RequestError } from '../core/errors.ts';

/**
 * Reads `Request-Timeout-Ms`, a whole number of milliseconds; the result is at most `limitMs`.
 * @throws {RequestError} when the header is present and not a whole number.
 */
export function parseTimeout(header: string | undefined, limitMs: number): number {
  if (header === undefined) return limitMs;
  if (!/^\d{1,9}$/.test(header)) {
    throw new RequestError(
      'unreadable',
      'The header Request-Timeout-Ms must be a whole number of milliseconds.',
    );
  }
  return Math.min(Number(header), limitMs);
}
