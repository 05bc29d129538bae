/**
 * When a breaker opens, and for how long: by the share of failures, by failures in a row, by silence, or again after
 * a failed probe.
 *
 * opossum decides about the share and the probe (state-machine.ts passes it on); the other two rules are made here.
 */
import { toRetryAfterMs } from './breaker-call.ts';
import { toOpenPeriodMs } from './breaker-settings.ts';
import { toContinuedOutage, toOutage } from './breaker-state.ts';
import type { BreakerParts, StateMachine } from './state-machine.ts';

/** Calls and failures by which a breaker opens. */
interface Counted {
  readonly calls: number;
  readonly failures: number;
}

/** The rules of one breaker. */
export interface OpeningRules {
  /** opossum has opened, after the share of failures or a failed probe. */
  onOpen(window: Counted): void;
  /** Opens when the last `minCalls` calls have failed, if others can take over. */
  considerRow(): void;
  /** Opens because a call timed out and the neighbour does not answer otherwise either. */
  trip(): void;
}

/** How a breaker of one of several instances takes the others into account. */
export interface PeerRules {
  /**
   * Asked when the share of failures would open the breaker, as long as some calls succeed: true begins an empty window
   * instead. For the last instance that still answers, since no other can take its calls.
   */
  readonly isLastHealthy?: () => boolean;
  /**
   * Asked when the last `minCalls` calls have all failed: true opens the breaker at once, whatever its share of
   * failures. For an instance whose calls others can take: they need not fail until the share is reached.
   */
  readonly isReplaceable?: () => boolean;
}

/** Creates the rules; `machine` answers the state machine that they open. */
export function createOpeningRules(
  { clock, random, stats, config }: BreakerParts,
  { isLastHealthy = () => false, isReplaceable = () => false }: PeerRules,
  machine: () => StateMachine,
): OpeningRules {
  return {
    onOpen({ calls, failures }) {
      const { state, lastCall, renew, enter } = machine();
      if (state.kind === 'closed' && calls > failures && isLastHealthy()) {
        renew();
        stats.openWindow(config().windowMs);
        return;
      }
      const at = clock();
      const isProbe = state.kind === 'half_open';
      const outage = isProbe
        ? toContinuedOutage(state.outage, at, stats.lastError)
        : toOutage(toBecause({ calls, failures }), at);
      const reason = lastCall?.outcome === 'timeout' ? 'probe-timeout' : 'probe-failed';
      // The time that the neighbour asks for shortens the open period, and never extends it.
      const askedMs = toRetryAfterMs(lastCall) ?? Number.POSITIVE_INFINITY;
      const openMs = Math.min(askedMs, toOpenPeriodMs(config(), outage.failedProbes, random));
      enter({ kind: 'open', outage, probeAt: at + openMs }, isProbe ? reason : 'threshold');
    },

    considerRow() {
      const { failuresInARow: inARow } = machine();
      if (inARow < config().minCalls || !isClosed() || !isReplaceable()) return;
      openBecause({ calls: inARow, failures: inARow }, 'in-a-row');
    },

    trip() {
      if (isClosed()) openBecause({ calls: 1, failures: 1 }, 'silent');
    },
  };

  function isClosed(): boolean {
    const { state, isStopped } = machine();
    return state.kind === 'closed' && !isStopped;
  }

  /** A threshold of 1 never opens, whatever the rule. */
  function openBecause(counted: Counted, reason: 'in-a-row' | 'silent'): void {
    const { thresholdRatio, openMs } = config();
    if (thresholdRatio >= 1) return;
    const at = clock();
    const outage = toOutage(toBecause(counted), at);
    machine().enter({ kind: 'open', outage, probeAt: at + openMs }, reason);
  }

  function toBecause({ calls, failures }: Counted) {
    const threshold = config().thresholdRatio;
    return { calls, failures, ratio: failures / calls, threshold, lastError: stats.lastError };
  }
}
