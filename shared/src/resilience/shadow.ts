/**
 * Settings on trial: a second breaker that is fed the outcomes of real calls and decides nothing.
 *
 * It answers "how often would it have opened, and which calls would it have rejected?". It sees only calls that were
 * made: what the real breaker rejects has no outcome that anybody could know.
 */
import type { BreakerCall } from '../observability/events.ts';
import { createEvents } from '../observability/events.ts';
import type { ShadowReport } from '../observability/wire.ts';
import { createBreaker } from './breaker.ts';
import type { BreakerSettings } from './breaker-settings.ts';

/** A trial that runs. */
export interface Shadow {
  /** Judges the outcome of one real call. */
  see(call: BreakerCall): void;
  report(): ShadowReport;
  stop(): void;
}

/**
 * Begins a trial with an empty window.
 * @throws {InvalidError} when a setting is unknown or out of its range.
 */
export function createShadow(
  name: string,
  { settings, clock }: { settings: Partial<BreakerSettings>; clock: () => number },
): Shadow {
  const events = createEvents();
  const breaker = createBreaker({ name: `${name} (shadow)`, settings, events, clock });
  const since = clock();
  let opened = 0;
  let wouldReject = 0;
  let calls = 0;
  events.on('transition', ({ from, to }) => {
    if (from === 'closed' && to === 'open') opened += 1;
  });

  return {
    see({ outcome }) {
      if (outcome === 'rejected' || outcome === 'saturated' || outcome === 'ignored') return;
      calls += 1;
      if (!breaker.lets()) {
        wouldReject += 1;
        return;
      }
      const replay = async () => {
        if (outcome !== 'success') throw new Error('replayed');
      };
      // Nobody waits for it: what it throws is the outcome itself.
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
