/**
 * What an order is: what somebody wants, with the payment for it, and what else is behind it.
 *
 * The whole of it is checked here, at the front door, so that nothing is charged for what cannot be shipped. The order
 * is cancelled when a service behind it finally refuses.
 */
import { payment } from '@holdfast/payment/payment.ts';
import { id, type Resource } from '@holdfast/shared/core/resource.ts';
import { z } from 'zod';

/** The content of an order; fields that are not named here are kept. */
const orderSchema = z.looseObject({
  id,
  date: z.iso.datetime({ offset: true }).or(z.iso.date()).optional(),
  items: z.array(z.unknown()),
  payment: payment.schema,
});

/** A validated order. */
export type Order = z.infer<typeof orderSchema>;

/** The order as every hop sees it. */
export const order: Resource<Order> = {
  singular: 'order',
  plural: 'orders',
  schema: orderSchema,
  example: { id: 'o-1', date: '2026-11-21T10:00:00Z', items: ['a book'], payment: payment.example },
  child: { pointer: '/payment', of: (body) => body.payment, kind: payment },
  refusedState: 'cancelled',
};
