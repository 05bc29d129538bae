/** Whether a neighbour can serve a load at all: when it cannot, no setting of its caller helps. */
import type { Load, Neighbour } from '@holdfast/shared/resilience/model/scenario.ts';
import { toMeanServiceMs } from './service-quantile.ts';

/** Calls a second that a neighbour can serve while it is well. */
function toCapacity({ instances, workers, serviceMs }: Neighbour): number {
  return (instances * workers * 1000) / Math.max(0.001, toMeanServiceMs(serviceMs));
}

/** Why no setting can help, with numbers; `null` where the neighbour can serve the load. */
export function toOverload(load: Load, neighbour: Neighbour): string | null {
  if (!('ratePerSecond' in load)) return null;
  const capacity = toCapacity(neighbour);
  const { instances, workers, serviceMs } = neighbour;
  if (load.ratePerSecond < capacity) return null;
  const mean = Number(toMeanServiceMs(serviceMs).toFixed(1));
  return (
    `No setting can help: ${load.ratePerSecond} calls a second come, and without any fault the neighbour serves at most ` +
    `${Math.floor(capacity)} (${instances * workers} worker${instances * workers === 1 ? '' : 's'}, ${mean} ms a call on average). ` +
    'Lower --rate, or name more --workers, more --instances or a shorter --service.'
  );
}
