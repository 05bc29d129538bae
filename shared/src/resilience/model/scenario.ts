/** What happens to a caller: the calls that come, the neighbour that serves them, and its faults over time. */

/** A scenario; the same one gives the same calls and the same service times. Times are milliseconds from its beginning. */
export interface Scenario {
  /** How long calls come. */
  readonly seconds: number;
  /** Open loop: calls come whatever became of those before them. */
  readonly load: Load;
  readonly neighbour: Neighbour;
  readonly faults: readonly ScenarioFault[];
  readonly seed: number;
}

/** When calls come: at a rate, at rates that change, or at given moments. */
export type Load =
  | { readonly ratePerSecond: number; readonly arrivals?: 'random' | 'even' }
  | { readonly steps: readonly RateStep[]; readonly arrivals?: 'random' | 'even' }
  | { readonly atMs: readonly number[] };

/** A rate from a moment on. */
export interface RateStep {
  readonly fromMs: number;
  readonly ratePerSecond: number;
}

/** The neighbour while it is well. */
export interface Neighbour {
  readonly instances: number;
  /** Calls that one instance works on at once; further ones wait. */
  readonly workers: number;
  /** How long a worker is busy with one call. */
  readonly serviceMs: ServiceTime;
  /** Calls that may wait at one instance; one more is answered 503 at once. `null`: no bound. */
  readonly queueMax: number | null;
  /** Whether a waiting call whose caller has given up is dropped instead of worked on. */
  readonly dropsAbandoned: boolean;
  /** Share of answers that are failures while it is well, 0 to 1. */
  readonly errorRatio: number;
  /** There and back, in milliseconds. */
  readonly networkMs: number;
}

/** A distribution of durations in milliseconds: always the same, log-normal by two quantiles, or drawn from samples. */
export type ServiceTime =
  | number
  | { readonly p50: number; readonly p99: number }
  | { readonly samples: readonly number[] };

/** A fault from `fromMs` on, for `forMs`; of one instance (counted from 0), or of all. */
export type ScenarioFault = {
  readonly fromMs: number;
  readonly forMs: number;
  readonly instance?: number;
} & (
  | { /** Service times are multiplied. */ readonly type: 'slow'; readonly factor: number }
  | {
      /** Every answer comes so much later; no worker is busy meanwhile. */ readonly type: 'latency';
      readonly ms: number;
    }
  | { /** Connections are refused, and calls under way when it begins are lost. */ readonly type: 'down' }
  | {
      /** No answer comes while it lasts; calls that it gets then are never answered. */ readonly type: 'hang';
    }
  | { /** A share of the answers is a failure, at once. */ readonly type: 'flaky'; readonly ratio: number }
);
