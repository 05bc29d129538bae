/** Runs trials in a thread of its own; what is asked for comes in pieces, and the answers in their sequence. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { runTrial, type Trial } from './trial.ts';

const scenario = workerData as Scenario;

parentPort?.on('message', (trials: readonly Trial[]) => {
  parentPort?.postMessage(trials.map(({ policy, nth }) => runTrial(simulate, policy, scenario, nth)));
});
