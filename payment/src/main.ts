/** The payment service: the middle of the chain. */
import { runService } from '@holdfast/shared/app/run-service.ts';
import { paymentSettings } from './config.ts';
import { createPayment } from './payment.ts';

await runService(createPayment, { id: 'payment', port: 3001, settings: paymentSettings });
