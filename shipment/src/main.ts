/** The shipment service. Config → telemetry → store → next hop → serve. */
import { openNext } from '@holdfast/shared/app/open-next.ts';
import { openStore, openTelemetry, readHopSettings } from '@holdfast/shared/app/open-parts.ts';
import { serve } from '@holdfast/shared/app/serve.ts';
import { shipmentSettings } from './config.ts';
import { createShipment } from './shipment.ts';

const settings = readHopSettings({ id: 'shipment', port: 3002 }, shipmentSettings);
const telemetry = openTelemetry(settings);
const store = openStore(settings);
const next = openNext(settings, telemetry, store);

await serve({ settings, telemetry, resource: createShipment(settings), store, next });
