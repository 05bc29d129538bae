/** What a breaker would have done with recorded outcomes: nothing is fed back, so it says nothing of retries and timeouts. */
import type { BreakerSettings } from '@holdfast/shared/resilience/breaker-settings.ts';
import type { Trace } from './trace.ts';

/** What one breaker for each instance would have done. */
export interface ShadowReplay {
  /** How often one would have opened. */
  readonly opened: number;
  /** When, in milliseconds since 1970; the first 1,000. */
  readonly openedAt: readonly number[];
  /** Calls that it would have rejected. */
  readonly rejected: number;
  /** Those of them that were answered well. */
  readonly rejectedWrongly: number;
  /** Calls that were sent, and so judged. */
  readonly calls: number;
}

/** Replays the outcomes of a trace through breakers with these settings. */
export function replayShadow(_trace: Trace, _settings: BreakerSettings): ShadowReplay {
  throw new Error('not yet');
}
