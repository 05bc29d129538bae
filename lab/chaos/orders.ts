/** The orders of a chaos run: good ones, and two kinds that must be refused and refunded. */
import { paymentLimit } from './chain.ts';

/** Kinds of orders with their weights. */
export const orderKinds = { good: 80, 'too-dear': 10, undeliverable: 10 } as const;

/** One kind of order. */
export type OrderKind = keyof typeof orderKinds;

/** Makes an order; its parts have ids of their own. */
export function createChaosOrder(id: string, kind: OrderKind = 'good') {
  return {
    id,
    items: [],
    payment: {
      id: `p-${id}`,
      amount: kind === 'too-dear' ? paymentLimit + 1 : 10,
      shipment: { id: `s-${id}`, directions: kind === 'undeliverable' ? 'nowhere' : 'home' },
    },
  };
}

/** How an order of a kind must end. */
export function endOf(kind: OrderKind): 'completed' | 'cancelled' {
  return kind === 'good' ? 'completed' : 'cancelled';
}
