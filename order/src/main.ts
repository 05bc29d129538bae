/** The order service: the front door of the chain. Config → log → store → next hop → serve. */
import { openLog, openNext, openStore, readHopSettings, serve } from '@holdfast/shared/start-hop.ts';
import { order } from './order.ts';

const settings = readHopSettings({ id: 'order', port: 3000 });
const log = openLog(settings);
const store = openStore(settings);
const next = openNext(settings, log);

await serve({ settings, log, noun: order, store, next });
