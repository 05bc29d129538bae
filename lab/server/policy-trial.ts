/**
 * A trial of settings on live traffic, as JSON: what `/api/trials/latest` and `/api/tunes` answer. Types only.
 *
 * Two ways to judge, and the page says which was used. In shadow the breakers of each policy get the outcomes that calls
 * really had; nothing is fed back, so that is all that it says. In a replay the neighbour is fitted from the same calls and
 * meets each policy in virtual time, where a retry is one more call for it.
 */

import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { TuneResult } from '../tune/result.ts';

/** What the breakers of a policy would have done with the calls. */
export interface ShadowNumbers {
  readonly opened: number;
  readonly rejected: number;
  /** Of the rejected: those that were answered well. */
  readonly rejectedWrongly: number;
}

/** What the replay measured. */
export type ReplayNumbers = Pick<
  RunOutcome,
  'calls' | 'failed' | 'rejectedWhileWell' | 'wasted' | 'amplification' | 'p99Ms' | 'recoveredAfterMs'
>;

/** One policy on trial. */
export interface TrialArm {
  /** `current`, or the place among the best of the last tune: `1`. */
  readonly name: string;
  readonly policy: Policy;
  /** `null` before the first call, and for a policy without a breaker. */
  readonly shadow: ShadowNumbers | null;
  /** `null` before the first replay. */
  readonly replay: ReplayNumbers | null;
}

/** The latest trial. */
export interface TrialStatus {
  readonly state: 'none' | 'running' | 'stopped' | 'failed';
  /** Why it failed, or why nothing can be said yet, in a sentence. */
  readonly why: string | null;
  /** Caller and neighbour: `order→payment`. */
  readonly hop: string | null;
  readonly startedAt: number | null;
  /** Calls that are judged: those since the beginning, at most the newest 10,000. */
  readonly calls: number;
  /** The present policy first, then the best of the last tune. */
  readonly arms: readonly TrialArm[];
  readonly replayed: {
    readonly at: number;
    readonly calls: number;
    /** What was found in the calls. */
    readonly sentences: readonly string[];
  } | null;
}

/** The last tune of a hop, without what only its report needs. */
export type TuneSummary = Pick<TuneResult, 'hop' | 'at' | 'source' | 'why' | 'sentence' | 'command'> & {
  readonly best: readonly Pick<TuneResult['best'][number], 'policy' | 'costs'>[];
};

/** `GET /api/tunes`. */
export interface TunesAnswer {
  readonly tunes: readonly TuneSummary[];
  /** Why there can be none: the lab has no folder in which a tune leaves its result. */
  readonly unavailable: string | null;
}
