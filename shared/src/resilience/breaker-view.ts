/**
 * What a breaker shows: plain numbers, ready for JSON. breaker-words.ts turns them into sentences.
 */
import type { BreakerConfig } from './breaker-events.ts';
import type { BreakerState, LastError, OpenedBecause, Outcome, State } from './breaker-state.ts';
import type { LatencyView, WindowView } from './breaker-window.ts';

/** The state and the times that belong to it, in milliseconds since 1970; `null` where a state has none. */
export interface StateView {
  readonly name: string;
  readonly state: BreakerState;
  /** When the present or last open period began; until it closes. */
  readonly openedAt: number | null;
  /** When the next probe is due; only while open. */
  readonly probeAt: number | null;
  /** When the running probe must have ended; only while half-open with a probe in flight. */
  readonly probeUntil: number | null;
  /** When a forced state expires. */
  readonly until: number | null;
  readonly openedBecause: OpenedBecause | null;
  readonly failedProbes: number;
}

/** Everything about one breaker. */
export interface BreakerView extends StateView {
  /** Closed with failures in its window. */
  readonly strained: boolean;
  /** When the present state began. */
  readonly since: number;
  readonly window: WindowView;
  /** Calls per outcome since the breaker was created, late ones included. */
  readonly counts: Readonly<Record<Outcome, number>>;
  /** Calls since it was created that ended in a later generation than they began; they decide nothing. */
  readonly late: number;
  /** Calls in flight. */
  readonly inFlight: number;
  /** Calls rejected in the present state. */
  readonly rejected: number;
  readonly latency: LatencyView;
  readonly lastError: LastError | null;
  readonly config: BreakerConfig;
  /** Grows with every fresh opossum instance behind this breaker. */
  readonly generation: number;
}

/** Shows a state as one flat record. */
export function toStateView(name: string, state: State): StateView {
  const outage = 'outage' in state ? state.outage : null;
  return {
    name,
    state: state.kind,
    openedAt: outage?.openedAt ?? null,
    probeAt: state.kind === 'open' ? state.probeAt : null,
    probeUntil: state.kind === 'half_open' ? state.probeUntil : null,
    until: 'until' in state ? state.until : null,
    openedBecause: outage?.because ?? null,
    failedProbes: outage?.failedProbes ?? 0,
  };
}

/** Shows everything about a breaker. */
export function toBreakerView({
  machine,
  stats,
  rejected,
  config,
}: {
  machine: { view(): StateView } & Pick<BreakerView, 'since' | 'generation'>;
  stats: { view(): Pick<BreakerView, 'window' | 'counts' | 'late' | 'inFlight' | 'latency' | 'lastError'> };
  rejected: number;
  config: BreakerConfig;
}): BreakerView {
  const { since, generation } = machine;
  const shown = machine.view();
  const counted = stats.view();
  const strained = shown.state === 'closed' && counted.window.failures > 0;
  return { ...shown, ...counted, strained, since, rejected, config, generation };
}
