/**
 * What an order is: what somebody wants, with the payment for it, and inside the payment the shipment.
 *
 * The whole of it is checked here, at the front door, so that nothing is charged for what cannot be shipped. The order
 * is cancelled when its payment or shipment is finally refused.
 */
import { paymentExample, paymentSchema } from '@holdfast/payment/payment.ts';
import { id, type Noun } from '@holdfast/shared/core/noun.ts';
import { z } from 'zod';

/** The content of an order; fields that are not named here are kept. */
export const orderSchema = z.looseObject({
  id,
  date: z.iso.datetime({ offset: true }).or(z.iso.date()).optional(),
  items: z.array(z.unknown()),
  payment: paymentSchema,
});

/** A validated order. */
export type Order = z.infer<typeof orderSchema>;

/** The order as its hop sees it. */
export const order: Noun<Order> = {
  singular: 'order',
  plural: 'orders',
  schema: orderSchema,
  example: { id: 'o-1', date: '2026-11-21T10:00:00Z', items: ['a book'], payment: paymentExample },
  child: { pointer: '/payment', of: (body) => body.payment },
  parts: [
    { name: 'payment', plural: 'payments' },
    { name: 'shipment', plural: 'shipments' },
  ],
  refusedState: 'cancelled',
};
