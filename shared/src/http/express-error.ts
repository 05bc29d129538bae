/**
 * Translates the errors of Express and its body readers that the client has caused.
 */
import { isKnownError, RequestError } from '../core/errors.ts';

/** Turns a client's error of Express into one of core/errors.ts; returns any other error unchanged. */
export function fromExpress(error: unknown): unknown {
  if (isKnownError(error) || !(error instanceof Error) || !('status' in error)) return error;
  const cause = { cause: error };
  if (error.status === 413) {
    const limit = 'limit' in error ? `${Number(error.limit) / 1000} kB` : 'it may be';
    return new RequestError('too-large', `The body is larger than ${limit}.`, cause);
  }
  if (error.status === 415) return new RequestError('unsupported-media-type', error.message, cause);
  const isClients = typeof error.status === 'number' && error.status >= 400 && error.status < 500;
  return isClients
    ? new RequestError('unreadable', `The request cannot be read: ${error.message}.`, cause)
    : error;
}
