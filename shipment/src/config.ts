/** The settings that only a shipment has. */
import { text } from '@holdfast/shared/core/config.ts';

/** Beside the settings of every hop. */
export const shipmentSettings = {
  UNDELIVERABLE: text('nowhere', {
    form: /^[^,]+(,[^,]+)*$/,
    range: 'directions, separated by commas',
    about: 'Directions that nobody goes to; their shipments are refused.',
  }),
};
