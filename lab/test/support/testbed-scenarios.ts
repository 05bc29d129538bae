/** Small scenarios for tests of the testbed. */
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';

/** Two seconds of a neighbour that is well. */
export const wellScenario: Scenario = {
  seconds: 2,
  load: { ratePerSecond: 20, arrivals: 'even' },
  neighbour: {
    ...{ instances: 1, workers: 4, serviceMs: 20, queueMax: null },
    ...{ dropsAbandoned: false, errorRatio: 0, networkMs: 4 },
  },
  faults: [],
  seed: 1,
};
