/** `GET /api/orders/:id`: the story of one order. */
import type { ReadGate } from '@holdfast/shared/http/read-gate.ts';
import type { Routes } from '@holdfast/shared/http/route-table.ts';
import type { RequestHandler } from 'express';
import { createStories, type StoryOptions } from './story.ts';

/** What the route needs. */
export interface StoryRoutesOptions extends StoryOptions {
  /** Runs before every read. */
  readonly reader: RequestHandler;
  readonly reads: ReadGate;
}

/** Creates the route. */
export function storyRoutes({ reader, reads, ...options }: StoryRoutesOptions): Routes {
  const tell = createStories(options);
  const answer: RequestHandler = async ({ params }, response) => {
    response.set('Cache-Control', 'no-store').json(await tell(String(params.id)));
  };
  return { '/api/orders/:id': { GET: [reader, reads.within('report', answer)] } };
}
