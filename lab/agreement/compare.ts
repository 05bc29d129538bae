/** Compares what the model said with what real processes did, measure by measure, within bounds that are stated here. */
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';

/** One measure in both. */
export interface Comparison {
  readonly measure: string;
  readonly model: number | null;
  readonly real: number | null;
  /** How far they may be apart. */
  readonly bound: number;
  readonly agrees: boolean;
}

/**
 * Two values may differ by `bound`, or by this part of the larger one if that is more; a latency by the lateness of the
 * load besides, since it counts from the moment in which a call was due.
 */
interface Bound {
  readonly bound: number;
  readonly ratio?: number;
  readonly isLatency?: boolean;
}

/** The bounds, and why they are as wide: docs/decisions/0031-testbed.md. */
export const bounds = {
  /** Share of calls that were good. */
  goodRatio: { bound: 0.05 },
  /** Attempts for a call. */
  amplification: { bound: 0.05, ratio: 0.1 },
  opened: { bound: 1 },
  openedAfterMs: { bound: 500 },
  recoveredAfterMs: { bound: 2000 },
  /** Of good calls. */
  p50Ms: { bound: 20, ratio: 0.25, isLatency: true },
  p99Ms: { bound: 100, ratio: 0.35, isLatency: true },
} as const satisfies Record<string, Bound>;

/** Every measure in both. A moment that only one of them has does not agree. */
export function compareOutcomes(model: RunOutcome, real: RunOutcome, lateMs = 0): readonly Comparison[] {
  const values: Readonly<Record<keyof typeof bounds, (run: RunOutcome) => number | null>> = {
    goodRatio: ({ good, calls }) => good / calls,
    amplification: (run) => run.amplification,
    opened: (run) => run.opened,
    openedAfterMs: (run) => run.openedAfterMs,
    recoveredAfterMs: (run) => run.recoveredAfterMs,
    p50Ms: (run) => run.p50Ms,
    p99Ms: (run) => run.p99Ms,
  };
  return Object.entries<Bound>(bounds).map(([measure, { bound, ratio = 0, isLatency = false }]) => {
    const of = values[measure as keyof typeof bounds];
    const [modelled, measured] = [of(model), of(real)];
    const least = bound + (isLatency ? lateMs : 0);
    const most = Math.max(least, ratio * Math.max(modelled ?? 0, measured ?? 0));
    const agrees =
      modelled === null || measured === null ? modelled === measured : Math.abs(modelled - measured) <= most;
    return { measure, model: modelled, real: measured, bound: most, agrees };
  });
}
