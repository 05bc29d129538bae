/** The payment service: the middle of the chain. Config → log → store → next hop → serve. */
import { openLog, openNext, openStore, readHopSettings, serve } from '@holdfast/shared/start-hop.ts';
import { paymentSettings } from './config.ts';
import { createPayment } from './payment.ts';

const settings = readHopSettings({ id: 'payment', port: 3001 }, paymentSettings);
const log = openLog(settings);
const store = openStore(settings);
const next = openNext(settings, log);

await serve({ settings, log, noun: createPayment(settings), store, next });
