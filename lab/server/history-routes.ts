/** `GET /api/history`: what a page needs to draw the last 30 minutes when it is opened. */
import type { ReadGate } from '@holdfast/shared/http/read-gate.ts';
import type { Routes } from '@holdfast/shared/http/route-table.ts';
import type { RequestHandler } from 'express';
import type { Lab } from './lab.ts';

/** What the route needs. */
export interface HistoryOptions {
  readonly lab: Pick<Lab, 'history'>;
  /** Runs before every read. */
  readonly reader: RequestHandler;
  readonly reads: ReadGate;
}

/** Creates the route. */
export function historyRoutes({ lab, reader, reads }: HistoryOptions): Routes {
  const answer: RequestHandler = async (request, response) => {
    const { json, gzipped } = await lab.history();
    const isSmall = request.acceptsEncodings('gzip') === 'gzip';
    response.writeHead(200, {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      Vary: 'Accept-Encoding',
      'Content-Length': (isSmall ? gzipped : json).length,
      ...(isSmall ? { 'Content-Encoding': 'gzip' } : {}),
    });
    response.end(isSmall ? gzipped : json);
  };
  return { '/api/history': { GET: [reader, reads.within('report', answer)] } };
}
