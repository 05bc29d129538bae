/** Which faults an instance has now; several at once add up. */
import type { ScenarioFault } from './scenario.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What the faults of one moment do together. */
export interface ActiveFaults {
  readonly isDown: boolean;
  readonly hangs: boolean;
  /** Of service times. */
  readonly factor: number;
  readonly latencyMs: number;
  readonly flakyRatio: number;
}

const none: ActiveFaults = { isDown: false, hangs: false, factor: 1, latencyMs: 0, flakyRatio: 0 };

/** Creates a function that answers the faults of an instance at the present moment. */
export function createFaultTimeline(
  faults: readonly ScenarioFault[],
  time: VirtualTime,
): (instance: number) => ActiveFaults {
  if (faults.length === 0) return () => none;
  return (instance) => {
    let active = none;
    for (const fault of faults) {
      const sinceMs = time.nowMs - fault.fromMs;
      if (sinceMs < 0 || sinceMs >= fault.forMs) continue;
      if (fault.instance === undefined || fault.instance === instance) active = add(active, fault);
    }
    return active;
  };
}

function add(active: ActiveFaults, fault: ScenarioFault): ActiveFaults {
  switch (fault.type) {
    case 'down':
      return { ...active, isDown: true };
    case 'hang':
      return { ...active, hangs: true };
    case 'slow':
      return { ...active, factor: active.factor * fault.factor };
    case 'latency':
      return { ...active, latencyMs: active.latencyMs + fault.ms };
    case 'flaky':
      return { ...active, flakyRatio: 1 - (1 - active.flakyRatio) * (1 - fault.ratio) };
  }
}
