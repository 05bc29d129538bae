/** The settings that only a payment has. */
import { decimal } from '@holdfast/shared/core/config.ts';

/** Beside the settings of every hop. */
export const paymentSettings = {
  PAYMENT_LIMIT: decimal(Number.MAX_SAFE_INTEGER, {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    about: 'Amounts above this are declined.',
  }),
};
