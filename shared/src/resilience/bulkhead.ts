/**
 * A bound on calls to one neighbour: a number of slots, and a short queue with a time limit before them.
 *
 * It goes around the breaker, so that a full bulkhead never counts against the neighbour. A slot is freed when the work
 * ends, not when the caller stops waiting: otherwise a slow neighbour would get more calls, not fewer.
 */
import { BulkheadFullError } from './errors.ts';

/** Limits of a bulkhead. */
export interface BulkheadSettings {
  /** Calls in flight at once; minimum 1. */
  readonly maxActive: number;
  /** Calls waiting for a slot; 0 rejects at once when all slots are taken. */
  readonly maxQueued: number;
  /** Longest wait for a slot, from the moment the call is queued. */
  readonly waitMs: number;
}

/** Runs work in one of a bounded number of slots. */
export interface Bulkhead {
  /**
   * @throws {BulkheadFullError} when the queue is full or no slot was freed in time; the work was not begun.
   */
  run<T>(work: () => Promise<T>, waitMs?: number): Promise<T>;
  /** Calls in flight and calls waiting. */
  load(): { readonly active: number; readonly queued: number };
  /** Changes its limits: calls under way and calls waiting keep what they have, calls waiting enter new slots at once. */
  configure(settings: BulkheadSettings): void;
}

/** Creates a bulkhead in front of the neighbour called `name`. */
export function createBulkhead(name: string, given: BulkheadSettings): Bulkhead {
  let settings = given;
  const queue = new Set<() => void>();
  let active = 0;

  const free = () => {
    const [next] = queue;
    if (next === undefined || active > settings.maxActive) active -= 1;
    else next();
  };

  const takeSlot = (waitMs: number): Promise<void> | undefined => {
    if (active < settings.maxActive) {
      active += 1;
      return undefined;
    }
    if (queue.size >= settings.maxQueued) throw full(name, settings, 'the queue before it is full');
    return new Promise((resolve, reject) => {
      const enter = () => {
        clearTimeout(timer);
        queue.delete(enter);
        resolve();
      };
      const timer = setTimeout(() => {
        queue.delete(enter);
        reject(full(name, settings, `none was freed within ${waitMs} ms`));
      }, waitMs);
      queue.add(enter);
    });
  };

  return {
    async run(work, waitMs = settings.waitMs) {
      await takeSlot(Math.min(waitMs, settings.waitMs));
      try {
        return await work();
      } finally {
        free();
      }
    },
    load: () => ({ active, queued: queue.size }),
    configure(next) {
      settings = next;
      for (const enter of [...queue].slice(0, Math.max(0, settings.maxActive - active))) {
        active += 1;
        enter();
      }
    },
  };
}

function full(name: string, settings: BulkheadSettings, why: string): BulkheadFullError {
  return new BulkheadFullError(
    `All ${settings.maxActive} slots for calls ${name} are taken, and ${why}. Nothing was sent.`,
    { retryAfterMs: 1000 },
  );
}
