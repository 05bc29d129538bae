/**
 * The key of a breaker: its service, the place of the instance, and its name.
 *
 * A process that is started again at the same place has the same key, so that its history goes on.
 */

/** Makes the key; `url` is the address of the instance that the breaker belongs to. */
export function toBreakerKey(from: string, url: string, breaker: string): string {
  return `${from}/${url.replace(/^\w+:\/\//, '')}/${breaker}`;
}
