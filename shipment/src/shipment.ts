/**
 * The shipment: directions for goods.
 *
 * It contains no other part: when a service follows (`CHAIN_SVC` is set), the shipment itself is sent on.
 */
import { id, type Resource } from '@holdfast/shared/core/resource.ts';
import { z } from 'zod';

/** The content of a shipment; fields that are not named here are kept. */
const shipmentSchema = z.looseObject({
  id,
  directions: z.string().min(1).max(1000),
});

/** A validated shipment. */
export type Shipment = z.infer<typeof shipmentSchema>;

/** The shipment as every hop sees it. */
export const shipment = {
  singular: 'shipment',
  plural: 'shipments',
  schema: shipmentSchema,
  example: { id: 's-1', directions: 'home' },
  child: { pointer: '', of: (body) => body },
  refusedState: 'cancelled',
} satisfies Resource<Shipment>;

/** The shipment as its own hop sees it; `UNDELIVERABLE` lists, with commas, directions that are refused. */
export function createShipment({ UNDELIVERABLE }: { readonly UNDELIVERABLE: string }): Resource<Shipment> {
  const nowhere = UNDELIVERABLE.split(',').map((directions) => directions.trim());
  return {
    ...shipment,
    refuse: ({ directions }) =>
      nowhere.includes(directions)
        ? [{ pointer: '/directions', detail: `Nobody delivers to "${directions}".` }]
        : [],
  };
}
