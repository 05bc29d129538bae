/** Threads that share work: as many as there are cores, each with one piece at a time. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Threads of one script, which answers each message with one. */
export interface Threads<Piece, Answer> {
  readonly count: number;
  /**
   * Works on all pieces; the answers are in their sequence, however many threads there are. `onDone` gets how many are done.
   * @throws {Error} when a thread throws or ends.
   */
  run(pieces: readonly Piece[], onDone?: (done: number) => void): Promise<Answer[]>;
  close(): Promise<void>;
}

const mostThreads = 8;

/** Starts them; each gets `data` as its `workerData`. */
export function startThreads<Piece, Answer>(
  script: URL,
  {
    count = Math.min(mostThreads, availableParallelism()),
    data,
  }: { readonly count?: number | undefined; readonly data?: unknown } = {},
): Threads<Piece, Answer> {
  const workers = Array.from({ length: count }, () => new Worker(script, { workerData: data }));
  return {
    count,
    async run(pieces, onDone) {
      const answers: Answer[] = [];
      let next = 0;
      let done = 0;
      const work = async (worker: Worker) => {
        for (let index = next++; index < pieces.length; index = next++) {
          answers[index] = await ask<Answer>(worker, pieces[index]);
          done += 1;
          onDone?.(done);
        }
      };
      await Promise.all(workers.map(work));
      return answers;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function ask<Answer>(worker: Worker, piece: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = () => void worker.off('message', succeed).off('error', fail).off('exit', leave);
    const succeed = (answer: Answer) => {
      end();
      resolve(answer);
    };
    const fail = (error: unknown) => {
      end();
      reject(error);
    };
    const leave = () => fail(new Error('A thread ended before its work.'));
    worker.on('message', succeed).on('error', fail).on('exit', leave).postMessage(piece);
  });
}
