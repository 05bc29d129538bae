/** What the histories need of the model: the real one, or a copy with a mistake in it. */
import type { createBreakerModel } from '../../../src/resilience/model/breaker-model.ts';
import type { createBulkheadModel } from '../../../src/resilience/model/bulkhead-model.ts';
import type { createCallerModel } from '../../../src/resilience/model/caller-model.ts';
import type { createVirtualTime, VirtualTime } from '../../../src/resilience/model/virtual-time.ts';

/** The functions that are compared with real parts. */
export interface ModelParts {
  readonly createBreakerModel: typeof createBreakerModel;
  readonly createBulkheadModel: typeof createBulkheadModel;
  readonly createCallerModel: typeof createCallerModel;
  readonly createVirtualTime: typeof createVirtualTime;
}

/** Goes on for so many whole milliseconds, with all that is planned until then and at that very moment. */
export function advance(time: VirtualTime, ms: number): void {
  let isOver = false;
  const end = time.after(ms + 0.5, () => {
    isOver = true;
  });
  while (!isOver) time.runNext();
  time.nowMs = end.atMs - 0.5;
}

/** The same numbers from 0 to 1 for the same seed. */
export function createStream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What both told, as lines of text. */
export interface Told {
  readonly real: string[];
  readonly model: string[];
}
