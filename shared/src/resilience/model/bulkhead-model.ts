/** The bulkhead in virtual time: slots, and a queue before them whose first gets the next free slot. */
import type { BulkheadSettings } from '../bulkhead.ts';
import { cancel, type VirtualTime } from './virtual-time.ts';

/** A bulkhead in virtual time. */
export interface BulkheadModel {
  /** Calls `begin` when there is a slot, now or within `waitMs`, else `refuse`. */
  enter(waitMs: number, begin: () => void, refuse: () => void): void;
  /** The work in a slot has ended. */
  leave(): void;
}

/** Creates a bulkhead; `null` bounds nothing. */
export function createBulkheadModel(settings: BulkheadSettings | null, time: VirtualTime): BulkheadModel {
  const queue = new Set<() => void>();
  let active = 0;

  return {
    enter(waitMs, begin, refuse) {
      if (settings === null || active < settings.maxActive) {
        active += 1;
        begin();
        return;
      }
      if (queue.size >= settings.maxQueued) return refuse();
      const take = () => {
        cancel(timer);
        queue.delete(take);
        begin();
      };
      const timer = time.after(Math.min(waitMs, settings.waitMs), () => {
        queue.delete(take);
        refuse();
      });
      queue.add(take);
    },
    leave() {
      const [next] = queue;
      if (next === undefined) active -= 1;
      else next();
    },
  };
}
