/** How long a caller will wait for the answer, as it says itself. */
import { RequestError } from '../core/errors.ts';

/**
 * Reads the header `Request-Timeout-Ms`: a whole number of milliseconds, at most `limitMs` counts.
 * @throws {RequestError} when the header is there and not a whole number.
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
