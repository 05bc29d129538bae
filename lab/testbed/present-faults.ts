/** What the faults of a scenario do to one instance at a moment. */
import type { ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';

/** All present faults of one instance together. */
export interface PresentFaults {
  /** By which service times are multiplied; 1 when it is well. */
  readonly factor: number;
  /** By which answers are later. */
  readonly latencyMs: number;
  readonly isDown: boolean;
  readonly isHanging: boolean;
  /** Share of answers that are failures at once. */
  readonly flakyRatio: number;
}

/** Those of the instance at a time of the run. */
export function toPresentFaults(
  faults: readonly ScenarioFault[],
  instance: number,
  atMs: number,
): PresentFaults {
  const all = faults.filter((fault) => isOf(fault, instance) && atMs >= fault.fromMs && atMs < endOf(fault));
  return {
    factor: all.reduce((factor, fault) => (fault.type === 'slow' ? factor * fault.factor : factor), 1),
    latencyMs: all.reduce((ms, fault) => (fault.type === 'latency' ? ms + fault.ms : ms), 0),
    isDown: all.some(({ type }) => type === 'down'),
    isHanging: all.some(({ type }) => type === 'hang'),
    flakyRatio:
      1 - all.reduce((left, fault) => (fault.type === 'flaky' ? left * (1 - fault.ratio) : left), 1),
  };
}

/** The moments at which the instance goes down or comes back, as times of the run. */
export function toDownMoments(faults: readonly ScenarioFault[], instance: number): number[] {
  const downs = faults.filter((fault) => fault.type === 'down' && isOf(fault, instance));
  return downs.flatMap((fault) => [fault.fromMs, endOf(fault)]).sort((a, b) => a - b);
}

function isOf(fault: ScenarioFault, instance: number): boolean {
  return fault.instance === undefined || fault.instance === instance;
}

function endOf({ fromMs, forMs }: ScenarioFault): number {
  return fromMs + forMs;
}
