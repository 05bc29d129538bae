/**
 * A round-robin queue: each waiting address gets one turn after another, however many requests it has.
 */
import type { Client } from './fair-share.ts';

/** Waiting requests by address. */
export interface FairQueue {
  isEmpty(): boolean;
  /** How many requests would run before a new one of this client. */
  ahead(client: Client): number;
  add(client: Client, begin: () => void): void;
  /** Begins the next request. */
  startNext(): void;
}

/** Creates an empty queue. */
export function createFairQueue(): FairQueue {
  /** The address whose turn is next is the first. */
  const queues = new Map<string, (() => void)[]>();

  return {
    isEmpty: () => queues.size === 0,
    ahead: ({ address }) => (queues.get(address)?.length ?? 0) * queues.size,
    add({ address }, begin) {
      const queue = queues.get(address);
      if (queue === undefined) queues.set(address, [begin]);
      else queue.push(begin);
    },
    startNext() {
      for (const [address, queue] of queues) {
        const begin = queue.shift();
        queues.delete(address);
        if (queue.length > 0) queues.set(address, queue);
        return begin?.();
      }
    },
  };
}
