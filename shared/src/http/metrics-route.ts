/**
 * `GET /metrics`: what Prometheus scrapes.
 */

import type { Metrics } from '../observability/metrics.ts';
import type { ReadGate } from './read-gate.ts';
import type { Routes } from './route-table.ts';

/** Creates the route; scraping changes nothing and answers while the database is away. */
export function metricsRoute(metrics: Pick<Metrics, 'text' | 'contentType'>, reads: ReadGate): Routes {
  return {
    '/metrics': {
      GET: [
        reads.within('scrape', async (_request, response) => {
          const text = await metrics.text();
          response.set({ 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' }).send(text);
        }),
      ],
    },
  };
}
