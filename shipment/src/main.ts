/** The shipment service: what is behind a payment. */
import { runService } from '@holdfast/shared/app/run-service.ts';
import { shipmentSettings } from './config.ts';
import { createShipment } from './shipment.ts';

await runService(createShipment, { id: 'shipment', port: 3002, settings: shipmentSettings });
