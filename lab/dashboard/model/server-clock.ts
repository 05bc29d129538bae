/**
 * What time it is at the lab, as far as messages tell: a countdown must not depend on the reader's own clock.
 *
 * A message is never early, so the largest of the newest differences is the closest to the truth.
 */

/** The newest differences between the lab's clock and ours, in milliseconds. */
export type ServerClock = readonly number[];

/** Differences that are remembered: five seconds of ticks. */
const remembered = 20;

/** Learns from one message: sent `at` by the lab's clock, received `receivedAt` by ours. */
export function learn(clock: ServerClock, at: number, receivedAt: number): ServerClock {
  return [...clock.slice(1 - remembered), at - receivedAt];
}

/** Our time as the lab's time. Without any message it is our own. */
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
