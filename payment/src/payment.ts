/**
 * The payment: an amount that is charged when the payment is stored, captured when its shipment is completed, and
 * refunded when the shipment is refused.
 */
import { id, type Resource } from '@holdfast/shared/core/resource.ts';
import { shipment } from '@holdfast/shipment/shipment.ts';
import { z } from 'zod';

/** The content of a payment with its shipment; fields that are not named here are kept. */
const paymentSchema = z.looseObject({
  id,
  amount: z.number().min(0),
  shipment: shipment.schema,
});

/** A validated payment. */
export type Payment = z.infer<typeof paymentSchema>;

/** The payment as every hop sees it. */
export const payment = {
  singular: 'payment',
  plural: 'payments',
  schema: paymentSchema,
  example: { id: 'p-1', amount: 12.5, shipment: shipment.example },
  child: { pointer: '/shipment', of: (body) => body.shipment, kind: shipment },
  refusedState: 'refunded',
  amount: (body) => body.amount,
} satisfies Resource<Payment>;

/** The payment as its own hop sees it; amounts above `limit` are declined. */
export function createPayment({
  PAYMENT_LIMIT: limit,
}: {
  readonly PAYMENT_LIMIT: number;
}): Resource<Payment> {
  return {
    ...payment,
    refuse: ({ amount }) =>
      amount > limit ? [{ pointer: '/amount', detail: `The amount is above the limit of ${limit}.` }] : [],
  };
}
