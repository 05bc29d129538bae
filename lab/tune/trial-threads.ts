/** Runs trials on all cores. The results do not depend on how many there are. */
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';
import { startThreads } from '../processes/threads.ts';
import type { Measures, RunTrials, Trial } from './trial.ts';

/** Threads that run trials. */
export interface TrialThreads {
  readonly count: number;
  readonly runTrials: RunTrials;
  close(): Promise<void>;
}

/** Trials that a thread gets at once: few, so that none waits for another at the end. */
const pieceLength = 4;

/** Starts threads for a scenario. */
export function startTrialThreads(scenario: Scenario, count?: number): TrialThreads {
  const script = new URL('trial-worker.ts', import.meta.url);
  const threads = startThreads<readonly Trial[], readonly Measures[]>(script, { count, data: scenario });
  return {
    count: threads.count,
    async runTrials(trials) {
      const pieces = Array.from({ length: Math.ceil(trials.length / pieceLength) }, (_, index) =>
        trials.slice(index * pieceLength, (index + 1) * pieceLength),
      );
      return (await threads.run(pieces)).flat();
    },
    close: threads.close,
  };
}
