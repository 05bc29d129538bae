/** The thread that judges: there from the first question until it is closed, and again from the next one on. */
import { Worker } from 'node:worker_threads';
import type { Judged, JudgeRequest } from './judge-policies.ts';

/** Judges one request after the other. */
export interface JudgeThread {
  /** @throws {Error} when the thread was closed meanwhile, or broke. */
  judge(request: JudgeRequest): Promise<Judged>;
  close(): void;
}

/** Creates it; no thread runs yet. */
export function createJudgeThread(): JudgeThread {
  let worker: Worker | undefined;

  return {
    judge(request) {
      const one = worker ?? new Worker(new URL('judge-worker.ts', import.meta.url));
      worker = one;
      return new Promise((resolve, reject) => {
        const end = () => void one.off('message', succeed).off('error', fail).off('exit', leave);
        const succeed = (judged: Judged) => {
          end();
          resolve(judged);
        };
        const fail = (error: unknown) => {
          end();
          if (worker === one) worker = undefined;
          reject(error);
        };
        const leave = () => fail(new Error('The trial was stopped.'));
        one.once('message', succeed).once('error', fail).once('exit', leave).postMessage(request);
      });
    },
    close() {
      void worker?.terminate();
      worker = undefined;
    },
  };
}
