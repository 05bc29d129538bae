/** A scenario out of a trace: the same arrivals, the neighbour that would have answered so, and the faults that it had. */
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';
import type { Trace } from './trace.ts';

/** What was found in a trace. */
export interface FittedScenario {
  readonly scenario: Scenario;
  /** Calls of which only a lower bound of the service time is known. */
  readonly censored: number;
  /** What was found, and what could not be told. */
  readonly sentences: readonly string[];
}

/** Bounds of a fit. */
export interface FitOptions {
  /** More arrivals are cropped to the part around the first fault. @default 20,000 */
  readonly maxCalls?: number;
  /** @default 1 */
  readonly seed?: number;
}

/** Finds the scenario behind a trace; the same trace gives the same scenario. */
export function fitScenario(_trace: Trace, _options: FitOptions = {}): FittedScenario {
  throw new Error('not yet');
}
