/** Names that visitors choose, on their way into the address of a service: one segment of its path, whatever they are. */
import { RequestError } from '@holdfast/shared/core/errors.ts';

/** Longest name; those of breakers hold two names and an address. */
const maxLength = 256;

/**
 * Encodes a name as one segment of a path.
 *
 * `.` and `..` stay what they are when they are encoded and would lead elsewhere, and what stands between may decode a
 * slash; no breaker, fault or file is called so.
 * @throws {RequestError} `not-found` for a name that cannot be one.
 */
export function toSegment(name: string): string {
  if (!isSegment(name)) {
    throw new RequestError('not-found', `Nothing here can be called ${JSON.stringify(name.slice(0, 50))}.`);
  }
  return encodeURIComponent(name);
}

/** Whether a name can be one segment of a path. */
export function isSegment(name: string): boolean {
  return !/^\.{0,2}$|[/\\\p{Cc}\p{Cs}]/u.test(name) && name.length <= maxLength;
}
