/**
 * The statistics of one breaker: every call is counted once, in the counts, in the window and by one event.
 *
 * They decide nothing; opossum gets the same outcomes.
 */
import { isCounted, type RunningCall } from './breaker-call.ts';
import type { BreakerEvents } from './breaker-events.ts';
import { type BreakerState, type LastError, type Outcome, zeroCounts } from './breaker-state.ts';
import type { BreakerView } from './breaker-view.ts';
import { createBreakerWindow } from './breaker-window.ts';

/** The statistics, as a view shows them. */
export type CallStatsView = Pick<
  BreakerView,
  'window' | 'counts' | 'late' | 'inFlight' | 'latency' | 'lastError'
>;

/**
 * The state and generation in which a call began; `late` when it ended in a later generation, `background` when nobody
 * waited for it.
 */
export interface OutcomeContext {
  readonly state: BreakerState;
  readonly generation: number;
  readonly late: boolean;
  readonly background: boolean;
  readonly retry?: true;
}

/** The statistics. */
export interface CallStats {
  readonly lastError: LastError | null;
  /** Begins an empty window; the counts stay. */
  openWindow(windowMs: number): void;
  /** A call begins. */
  begin(): void;
  /** A call has ended. A late one is counted, but is neither in the window nor the last error. */
  end(call: RunningCall, when: Pick<OutcomeContext, 'late'>): void;
  /** A call was not sent. */
  refuse(outcome: 'rejected' | 'saturated', entry: OutcomeContext): void;
  view(): CallStatsView;
}

/** Creates empty statistics; `onRotate` is called once for each bucket of the window that has passed. */
export function createCallStats(
  name: string,
  { events, clock, onRotate }: { events: BreakerEvents; clock: () => number; onRotate: () => void },
): CallStats {
  const counts = zeroCounts();
  let window = createBreakerWindow(1_000, clock, onRotate);
  let lastError: LastError | null = null;
  let late = 0;
  let inFlight = 0;

  const emit = (
    outcome: Outcome,
    entry: OutcomeContext,
    call: RunningCall | null,
    error: LastError | null,
  ) => {
    const at = clock();
    const durationMs = call === null ? 0 : toDurationMs(call, at);
    const probe = call !== null && call.deadlineMs !== null;
    events.emit('call', { name, at, outcome, durationMs, probe, error, ...entry });
  };

  return {
    get lastError() {
      return lastError;
    },
    openWindow(windowMs) {
      window = createBreakerWindow(windowMs, clock, onRotate);
    },
    begin() {
      inFlight += 1;
    },
    end(call, { late: isLate }) {
      const { outcome, state, generation, background, retry } = call;
      const error = 'error' in call.result ? toLastError(call.result.error, clock()) : null;
      inFlight -= 1;
      counts[outcome] += 1;
      if (isLate) late += 1;
      else window.record(outcome, isCounted(outcome) ? toDurationMs(call, clock()) : undefined);
      if (!isLate && (outcome === 'failure' || outcome === 'timeout')) lastError = error;
      const entry = { state, generation, late: isLate, background, ...(retry ? { retry } : {}) };
      emit(outcome, entry, call, error);
    },
    refuse(outcome, entry) {
      counts[outcome] += 1;
      window.record(outcome);
      emit(outcome, entry, null, null);
    },
    view: () => ({
      window: window.view(),
      counts: { ...counts },
      late,
      inFlight,
      latency: window.latency(),
      lastError,
    }),
  };
}

/** How long a call took; never negative, even when the wall clock was set back. */
export function toDurationMs(call: RunningCall, now: number): number {
  return Math.max(0, now - call.startedAt);
}

function toLastError(error: unknown, at: number): LastError {
  if (!(error instanceof Error)) return { code: 'unknown', message: String(error), at };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return { code, message: error.message, at };
}
