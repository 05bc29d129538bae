/** The request of the original chain, for tests of the front door. */
import { randomUUID } from 'node:crypto';

/** A good order, with ids of its own unless they are given. */
export function createOrder(id: string = randomUUID()) {
  return {
    id,
    items: [],
    payment: { id: `p-${id}`, amount: 0, shipment: { id: `s-${id}`, directions: 'home' } },
  };
}
