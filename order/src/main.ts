/** The order service: the front door of the chain. Config → telemetry → store → next hop → serve. */
import { openNext } from '@holdfast/shared/app/open-next.ts';
import { openStore, openTelemetry, readHopSettings } from '@holdfast/shared/app/open-parts.ts';
import { serve } from '@holdfast/shared/app/serve.ts';
import { order } from './order.ts';

const settings = readHopSettings({ id: 'order', port: 3000 });
const telemetry = openTelemetry(settings);
const store = openStore(settings);
const next = openNext(settings, telemetry, store);

await serve({ settings, telemetry, resource: order, store, next });
