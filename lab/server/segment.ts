/** Encodes names from requests as one segment of a service's path. */
import { RequestError } from '@holdfast/shared/core/errors.ts';

/** Longest name; those of breakers hold two names and an address. */
const maxLength = 256;

/**
 * Encodes a name as one segment of a path.
 *
 * `.` and `..` keep their meaning when encoded, and a proxy can decode a slash, so names with them are refused.
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
