/**
 * Bounds the time that refusals take: beyond a share of all time they wait a little, in turn.
 *
 * Clients that repeat as soon as they are refused get slower by that, so a flood of them leaves time for work.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../resilience/deadline.ts';

/** The share of time; unused time that adds up for a burst. */
const bound = { share: 1 / 2, burstMs: 100 } as const;
/**
 * What a refusal takes with everything around it, as measured, and on the first request of a connection with opening and
 * closing that. It is not timed: where others use the machine that would count their time, and refusals would be late.
 */
const costMs = { kept: 0.045, opened: 0.12 } as const;
/** What a new connection may have been sent before its first answer: with `Expect: 100-continue` it is no kept one. */
const continueBytes = 'HTTP/1.1 100 Continue\r\n\r\n'.length;
/** The longest wait, and the most connections that wait: a flood from ever more clients does not get slower by it. */
const most = { waitMs: 250, waiting: 1024 } as const;
/** A connection with more waiting refusals pipelines requests without reading answers, and is closed. */
const maxPiled = 16;
/** The time between two looks at those that wait. */
const lookMs = 2;

/** The connection of a request, and what was sent on it. */
export interface RefusedConnection extends Pick<Socket, 'bytesWritten'> {
  destroy(): unknown;
}

/** Calls `refuse` now or a little later; requests that are pipelined on a waiting connection wait with it. */
export type RefusalPace = (connection: RefusedConnection, refuse: () => void) => void;

interface Waiting {
  readonly since: number;
  readonly refusals: (() => void)[];
}

/** Creates the pace of one process. */
export function createRefusalPace(clock: Clock): RefusalPace {
  const waiting = new Map<RefusedConnection, Waiting>();
  let creditMs: number = bound.burstMs;
  let countedAt = clock();

  return (connection, refuse) => {
    const now = clock();
    earn(now);
    if (waiting.size === 0 && creditMs > 0) return spend(connection, refuse);
    const piled = waiting.get(connection)?.refusals;
    if (piled !== undefined) return pile(connection, piled, refuse);
    if (waiting.size === 0) setTimeout(look, lookMs);
    waiting.set(connection, { since: now, refusals: [refuse] });
  };

  function pile(connection: RefusedConnection, piled: (() => void)[], refuse: () => void): void {
    if (piled.length < maxPiled) piled.push(refuse);
    else connection.destroy();
  }

  function earn(now: number): void {
    creditMs = Math.min(bound.burstMs, creditMs + (now - countedAt) * bound.share);
    countedAt = now;
  }

  function spend({ bytesWritten }: RefusedConnection, refuse: () => void): void {
    creditMs = Math.max(
      -bound.burstMs,
      creditMs - (bytesWritten > continueBytes ? costMs.kept : costMs.opened),
    );
    refuse();
  }

  function look(): void {
    for (const [connection, { since, refusals }] of waiting) {
      const now = clock();
      earn(now);
      if (creditMs <= 0 && now - since < most.waitMs && waiting.size <= most.waiting) break;
      waiting.delete(connection);
      for (const refuse of refusals) spend(connection, refuse);
    }
    if (waiting.size > 0) setTimeout(look, lookMs);
  }
}
