/**
 * Estimates the lab's clock from its messages: a countdown must not depend on the browser's clock.
 *
 * A message is never early, so the largest of the newest differences is the closest to the truth.
 */

/** The newest differences between the lab's clock and the browser's, in milliseconds. */
export type ServerClock = readonly number[];

/** Differences that are kept: five seconds of ticks. */
const remembered = 20;

/** Adds one message: sent `at` by the lab's clock, received `receivedAt` by the browser's. */
export function learn(clock: ServerClock, at: number, receivedAt: number): ServerClock {
  return [...clock.slice(1 - remembered), at - receivedAt];
}

/** The browser's time as the lab's time; unchanged before the first message. */
export function toServerTime(clock: ServerClock, localNow: number): number {
  return clock.length === 0 ? localNow : localNow + Math.max(...clock);
}

/**
 * By how much the clock of a service differs from the lab's. Small differences are the age of its last message and
 * not its clock, so they count as none.
 */
export function toSkew(serviceAt: number, labAt: number): number {
  const skewMs = serviceAt - labAt;
  return Math.abs(skewMs) < 1_500 ? 0 : skewMs;
}
