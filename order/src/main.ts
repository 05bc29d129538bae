/** The order service: the front door of the chain. */
import { runService } from '@holdfast/shared/app/run-service.ts';
import { order } from './order.ts';

await runService(order, { id: 'order', port: 3000 });
