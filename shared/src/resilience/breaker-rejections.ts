/**
 * The rejected calls of a breaker: the error that each gets, their number in the present state, and one event a second.
 */
import type { BreakerEvents } from './breaker-events.ts';
import type { StateView } from './breaker-view.ts';
import { toDetail, toLastingDetail } from './breaker-words.ts';
import { BreakerOpenError } from './errors.ts';

/** Milliseconds between two events. */
const emitEveryMs = 1_000;

/** Counts and answers the rejected calls of one breaker. */
export interface Rejections {
  /** Rejections since the last start or stop. */
  readonly total: number;
  /** Counts a rejection and returns its error; `retryAfterMs` is the time until a call may pass at the latest. */
  reject(openMs: number): BreakerOpenError;
  /** Counts from zero and emits an event for every second with rejections; the timer does not keep the process alive. */
  start(): void;
  /** Counts from zero and emits nothing. */
  stop(): void;
}

/** Creates a counter that is stopped; `machine` returns the state that the calls meet. */
export function createRejections(
  events: BreakerEvents,
  clock: () => number,
  machine: () => { view(): StateView; readonly isStopped: boolean },
): Rejections {
  let total = 0;
  let emitted = 0;
  let timer: NodeJS.Timeout | undefined;

  return {
    get total() {
      return total;
    },
    reject(openMs) {
      total += 1;
      const { view, isStopped } = machine();
      const now = clock();
      const shown = view();
      const opensAt = shown.probeAt ?? shown.probeUntil ?? shown.until ?? now;
      const message = isStopped ? `The breaker ${shown.name} is stopped.` : toDetail(shown, now);
      // A forced state may be released at any time, so callers are not put off until its end.
      const atMostMs = shown.state === 'forced_open' ? openMs : Number.POSITIVE_INFINITY;
      const retryAfterMs = Math.min(atMostMs, Math.max(0, opensAt - now));
      return new BreakerOpenError(message, { retryAfterMs, lasting: toLastingDetail(shown) });
    },
    start() {
      stop();
      timer = setInterval(emit, emitEveryMs);
      timer.unref();
    },
    stop,
  };

  function stop(): void {
    clearInterval(timer);
    total = 0;
    emitted = 0;
  }

  function emit(): void {
    const count = total - emitted;
    emitted = total;
    if (count === 0) return;
    const { name, state, probeAt, until } = machine().view();
    events.emit('rejections', { name, at: clock(), state, count, perMs: emitEveryMs, total, probeAt, until });
  }
}
