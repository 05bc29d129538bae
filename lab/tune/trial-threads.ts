/** Runs trials on all cores. The results do not depend on how many there are. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';
import type { Measures, RunTrials, Trial } from './trial.ts';

/** Threads that run trials. */
export interface TrialThreads {
  readonly count: number;
  readonly runTrials: RunTrials;
  close(): Promise<void>;
}

const mostThreads = 8;
/** Trials that a thread gets at once: few, so that none waits for another at the end. */
const pieceLength = 4;

/** Starts threads for a scenario. */
export function startTrialThreads(
  scenario: Scenario,
  count = Math.min(mostThreads, availableParallelism()),
): TrialThreads {
  const workers = Array.from(
    { length: count },
    () => new Worker(new URL('trial-worker.ts', import.meta.url), { workerData: scenario }),
  );
  return {
    count,
    async runTrials(trials) {
      const pieces = Array.from({ length: Math.ceil(trials.length / pieceLength) }, (_, index) =>
        trials.slice(index * pieceLength, (index + 1) * pieceLength),
      );
      const results: (readonly Measures[])[] = [];
      let next = 0;
      const work = async (worker: Worker) => {
        for (let index = next++; index < pieces.length; index = next++)
          results[index] = await ask(worker, pieces[index] ?? []);
      };
      await Promise.all(workers.map(work));
      return results.flat();
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function ask(worker: Worker, trials: readonly Trial[]): Promise<readonly Measures[]> {
  return new Promise((resolve, reject) => {
    const end = () => {
      worker.off('message', succeed).off('error', fail);
    };
    const succeed = (measured: readonly Measures[]) => {
      end();
      resolve(measured);
    };
    const fail = (error: unknown) => {
      end();
      reject(error);
    };
    worker.on('message', succeed).on('error', fail);
    worker.postMessage(trials);
  });
}
