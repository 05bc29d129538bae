/**
 * The order: items, with the payment and what follows it.
 *
 * The whole content is checked here, at the front door, so that nothing is charged that cannot be shipped. The order is
 * cancelled when a later service finally refuses.
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
