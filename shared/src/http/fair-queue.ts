/**
 * Whose turn it is: the addresses that wait have one turn each, round and round, however much one of them waits for.
 */
import type { Client } from './fair-share.ts';

/** What waits, by address. */
export interface FairQueue {
  isEmpty(): boolean;
  /** How many turns of all who wait come before the next one of this client, when its others come first. */
  ahead(client: Client): number;
  add(client: Client, begin: () => void): void;
  /** Begins what is next. */
  startNext(): void;
}

/** Creates an empty round. */
export function createFairQueue(): FairQueue {
  /** The address whose turn is next comes first. */
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
