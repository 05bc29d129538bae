/**
 * The traffic switch: orders at a steady rate, independent of the chain.
 *
 * Open loop: every order has the time at which it is due, and its latency counts from then, so that a stalling chain
 * cannot improve its own figures by delaying the load (coordinated omission).
 */
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import { quantile } from '../measure/statistics.ts';
import type { CustomerAnswer, TrafficStatus } from './wire.ts';

/** What traffic works with. */
export interface TrafficOptions {
  readonly clock: Clock;
  /** Sends one order that was due at `dueAt`. Never rejects. */
  readonly send: (dueAt: number) => Promise<CustomerAnswer>;
  /** Calls `then` after `ms`; returns the function that cancels it. */
  readonly after: (ms: number, then: () => void) => () => void;
  /** Called when it was switched, or its rate changed. */
  readonly onSwitch?: (change: TrafficChange) => void;
}

/** How the traffic was switched. */
export interface TrafficChange {
  readonly on: boolean;
  readonly ratePerSecond: number;
  readonly why: 'asked' | 'expired' | 'reset';
}

/** The switch. */
export interface Traffic {
  /** Starts, changes the rate, or stops; orders in progress are awaited and counted. */
  change(change: { on: boolean; ratePerSecond: number }): void;
  /** Counts an answer to an order from elsewhere. */
  count(answer: CustomerAnswer): void;
  /** Stops and begins to count at zero. */
  reset(): void;
  status(): TrafficStatus;
}

/** The range of the rate in orders per second, and its default. */
export const rates = { min: 1, max: 200, usual: 20 } as const;

/** Limit of orders in progress; those that are due beyond it are dropped and counted. */
const maxWaiting = 500;
/** Orders that are overdue by more than this are not sent any more, in milliseconds. */
const mostBehindMs = 2000;
/** Forgotten traffic stops by itself after this time. */
const longestMs = 600_000;
/** The window of the latencies. */
const windowMs = 10_000;
const shown = 60;

/** Creates a switch that is off. */
export function createTraffic({ clock, send, after, onSwitch }: TrafficOptions): Traffic {
  let ratePerSecond: number = rates.usual;
  let stopsAt: number | null = null;
  let dueAt = 0;
  let callOff = () => {};
  let waiting = 0;
  let tally = createTally();

  return {
    change(change) {
      const wasOn = stopsAt !== null;
      const isOther = change.on !== wasOn || (wasOn && change.ratePerSecond !== ratePerSecond);
      callOff();
      ratePerSecond = change.ratePerSecond;
      stopsAt = change.on ? clock() + longestMs : null;
      if (isOther) onSwitch?.({ ...change, why: 'asked' });
      if (!change.on) return;
      if (!wasOn) dueAt = clock();
      pump();
    },
    count: (answer) => tally.add(answer),
    reset() {
      callOff();
      if (stopsAt !== null) onSwitch?.({ on: false, ratePerSecond, why: 'reset' });
      stopsAt = null;
      ratePerSecond = rates.usual;
      tally = createTally();
    },
    status: () => ({
      on: stopsAt !== null,
      ratePerSecond,
      stopsAt: stopsAt === null ? null : Math.round(stopsAt),
      waiting,
      ...tally.view(clock()),
    }),
  };

  /** Sends what is due, and sets a timer for the next. */
  function pump(): void {
    const now = clock();
    if (stopsAt === null) return;
    const end = Math.min(now, stopsAt);
    // Orders that became due while the process was suspended are dropped, not sent at once.
    if (end - dueAt > mostBehindMs) dueAt = end;
    while (dueAt <= end) {
      arrive(dueAt);
      dueAt += 1000 / ratePerSecond;
    }
    if (now >= stopsAt) {
      stopsAt = null;
      onSwitch?.({ on: false, ratePerSecond, why: 'expired' });
    } else callOff = after(Math.max(0, dueAt - now), pump);
  }

  function arrive(due: number): void {
    const mine = tally;
    if (waiting >= maxWaiting) {
      mine.drop();
      return;
    }
    waiting += 1;
    mine.send();
    void send(due).then((answer) => {
      waiting -= 1;
      mine.count(answer);
    });
  }
}

/** Counts the answers; a reset begins a new tally, so that late answers are not counted. */
function createTally() {
  const counts = { completed: 0, pending: 0, refused: 0, failed: 0, unanswered: 0 };
  const recent: CustomerAnswer[] = [];
  const inWindow: CustomerAnswer[] = [];
  let sent = 0;
  let dropped = 0;

  function count(answer: CustomerAnswer): void {
    counts[toKind(answer.status)] += 1;
    recent.push(answer);
    if (recent.length > shown) recent.shift();
    if (answer.status === null) return;
    inWindow.push(answer);
    forgetUntil(answer.at - windowMs);
  }

  function forgetUntil(past: number): void {
    while (inWindow[0] !== undefined && inWindow[0].at <= past) inWindow.shift();
  }

  return {
    drop() {
      dropped += 1;
    },
    send() {
      sent += 1;
    },
    count,
    add(answer: CustomerAnswer) {
      sent += 1;
      count(answer);
    },
    view(now: number) {
      forgetUntil(now - windowMs);
      const sorted = Float64Array.from(inWindow, ({ ms }) => ms).sort();
      return {
        sent,
        dropped,
        counts: { ...counts },
        p50Ms: sorted.length === 0 ? null : quantile(sorted, 0.5),
        p99Ms: sorted.length === 0 ? null : quantile(sorted, 0.99),
        recent: [...recent],
      };
    },
  };
}

function toKind(status: number | null): keyof TrafficStatus['counts'] {
  if (status === null) return 'unanswered';
  if (status === 200) return 'completed';
  if (status === 202) return 'pending';
  return status >= 400 && status < 500 ? 'refused' : 'failed';
}
