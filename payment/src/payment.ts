/**
 * What a payment is: an amount that is charged when the payment is kept, captured when its shipment is done, and
 * refunded when the shipment is refused.
 */
import { id, type Noun } from '@holdfast/shared/core/noun.ts';
import { shipmentExample, shipmentSchema } from '@holdfast/shipment/shipment.ts';
import { z } from 'zod';

/** The content of a payment with its shipment; fields that are not named here are kept. */
export const paymentSchema = z.looseObject({
  id,
  amount: z.number().min(0),
  shipment: shipmentSchema,
});

/** A validated payment. */
export type Payment = z.infer<typeof paymentSchema>;

/** A payment to show to people. */
export const paymentExample: Payment = { id: 'p-1', amount: 12.5, shipment: shipmentExample };

/** The payment as its hop sees it; amounts above `limit` are declined. */
export function createPayment({ PAYMENT_LIMIT: limit }: { readonly PAYMENT_LIMIT: number }): Noun<Payment> {
  return {
    singular: 'payment',
    plural: 'payments',
    schema: paymentSchema,
    example: paymentExample,
    child: { pointer: '/shipment', of: (body) => body.shipment },
    parts: [{ name: 'shipment', plural: 'shipments' }],
    refusedState: 'refunded',
    amount: (body) => body.amount,
    refuse: ({ amount }) =>
      amount > limit ? [{ pointer: '/amount', detail: `The amount is above the limit of ${limit}.` }] : [],
  };
}
