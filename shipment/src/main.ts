/** The shipment service: the end of the chain. Config → log → store → next hop → serve. */
import { openLog, openNext, openStore, readHopSettings, serve } from '@holdfast/shared/start-hop.ts';
import { shipmentSettings } from './config.ts';
import { createShipment } from './shipment.ts';

const settings = readHopSettings({ id: 'shipment', port: 3002 }, shipmentSettings);
const log = openLog(settings);
const store = openStore(settings);
const next = openNext(settings, log);

await serve({ settings, log, noun: createShipment(settings), store, next });
