/**
 * The workers of one neighbour instance and the queue before them. A worker that is busy waits; it uses no processor.
 *
 * The next work begins when the one before it was due to end, not when its timer fired, so that late timers do not make
 * the neighbour slower than it is said to be.
 */
import type { Neighbour } from '@holdfast/shared/resilience/model/scenario.ts';

/** Work that was asked for. */
export interface Work {
  /** Begins: how long it takes when it is begun at this time. */
  begin(atMs: number): number;
  /** It is done. */
  end(): void;
}

/** Workers and queue. */
export interface Workers {
  /** Begins the work or lets it wait; false when it may not even wait. */
  offer(work: Work): boolean;
  /** Its caller is gone: it waits no longer, if abandoned work is dropped. What was begun goes on. */
  abandon(work: Work): void;
  /** Forgets everything that is done and that waits. */
  clear(): void;
}

/** Time, and how to wait for it. */
export interface WorkerTime {
  readonly clock: () => number;
  /** Calls `then` after so many milliseconds. */
  readonly after: (ms: number, then: () => void) => void;
}

/** Creates idle workers. */
export function createWorkers(
  { workers, queueMax, dropsAbandoned }: Pick<Neighbour, 'workers' | 'queueMax' | 'dropsAbandoned'>,
  { clock, after }: WorkerTime,
): Workers {
  const queue = new Set<Work>();
  let busy = 0;
  let life = 0;

  function begin(work: Work, atMs: number): void {
    const endsAt = atMs + work.begin(atMs);
    const begunIn = life;
    after(endsAt - clock(), () => {
      if (begunIn !== life) return;
      work.end();
      const [next] = queue;
      if (next === undefined) {
        busy -= 1;
        return;
      }
      queue.delete(next);
      begin(next, endsAt);
    });
  }

  return {
    offer(work) {
      if (busy < workers) {
        busy += 1;
        begin(work, clock());
        return true;
      }
      if (queueMax !== null && queue.size >= queueMax) return false;
      queue.add(work);
      return true;
    },
    abandon(work) {
      if (dropsAbandoned) queue.delete(work);
    },
    clear() {
      queue.clear();
      busy = 0;
      life += 1;
    },
  };
}
