/**
 * Settings on trial: a second breaker that gets the outcomes of real calls and decides nothing.
 *
 * It reports how often it would have opened and how many calls it would have rejected. It gets only calls that were
 * sent: a call that the real breaker rejects has no outcome.
 */

import { createBreaker } from './breaker.ts';
import type { BreakerCall, BreakerEventMap } from './breaker-events.ts';
import type { BreakerSettings } from './breaker-settings.ts';
import type { BreakerState } from './breaker-state.ts';
import { createEventBus } from './event-bus.ts';

/** The result of a trial so far. */
export interface ShadowReport {
  readonly config: BreakerSettings;
  readonly since: number;
  readonly state: BreakerState;
  /** How often it would have opened. */
  readonly opened: number;
  /** Calls that were sent and that it would have rejected. */
  readonly wouldReject: number;
  /** Calls that it has got. */
  readonly calls: number;
}

/** A running trial. */
export interface Shadow {
  /** Adds the outcome of one real call. */
  record(call: BreakerCall): void;
  report(): ShadowReport;
  stop(): void;
}

/**
 * Begins a trial with an empty window.
 * @throws {InvalidSettingsError} when a setting is unknown or out of its range.
 */
export function createShadow(
  name: string,
  { settings, clock }: { settings: Partial<BreakerSettings>; clock: () => number },
): Shadow {
  const events = createEventBus<BreakerEventMap>();
  const breaker = createBreaker({ name: `${name} (shadow)`, settings, events, clock });
  const since = clock();
  let opened = 0;
  let wouldReject = 0;
  let calls = 0;
  events.on('transition', ({ from, to }) => {
    if (from === 'closed' && to === 'open') opened += 1;
  });

  return {
    record({ outcome }) {
      if (outcome === 'rejected' || outcome === 'saturated' || outcome === 'ignored') return;
      calls += 1;
      if (!breaker.isCallPermitted()) {
        wouldReject += 1;
        return;
      }
      const replay = async () => {
        if (outcome !== 'success') throw new Error('replayed');
      };
      // The error is the outcome itself, which the breaker has counted.
      breaker.run(replay).catch(() => undefined);
    },
    report() {
      const { config, state } = breaker.view();
      const { attemptTimeoutMs: _, ...own } = config;
      return { config: own, since, state, opened, wouldReject, calls };
    },
    stop: () => breaker.stop(),
  };
}
