/** The payment service: the middle of the chain. Config → telemetry → store → next hop → serve. */
import { openNext } from '@holdfast/shared/app/open-next.ts';
import { openStore, openTelemetry, readHopSettings } from '@holdfast/shared/app/open-parts.ts';
import { serve } from '@holdfast/shared/app/serve.ts';
import { paymentSettings } from './config.ts';
import { createPayment } from './payment.ts';

const settings = readHopSettings({ id: 'payment', port: 3001 }, paymentSettings);
const telemetry = openTelemetry(settings);
const store = openStore(settings);
const next = openNext(settings, telemetry, store);

await serve({ settings, telemetry, resource: createPayment(settings), store, next });
