/**
 * `GET /<plural>/:id/steps`: what this process remembers of one document: its answers, attempts and waits.
 *
 * It is read from memory, so it is there while the database is away, and ends with the process; what lasts is in the
 * document itself.
 */
import type { RequestHandler } from 'express';
import type { Stream } from '../observability/stream.ts';
import type { ServiceIdentity, StepsAnswer } from '../observability/wire.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { ReadGate } from './read-gate.ts';
import type { Routes } from './route-table.ts';

/** What the route needs. */
export interface StepRoutesOptions {
  readonly stream: Pick<Stream, 'stepsOf'>;
  readonly identity: ServiceIdentity;
  /** What the documents are called in paths. */
  readonly plural: string;
  readonly clock: Clock;
  readonly reads: ReadGate;
}

/** Creates the route. */
export function stepRoutes({ stream, identity, plural, clock, reads }: StepRoutesOptions): Routes {
  const list: RequestHandler = ({ params, query }, response) => {
    const id = String(params.id);
    const parent = query.parent === undefined ? undefined : String(query.parent);
    const steps = stream.stepsOf(id, parent);
    const answer: StepsAnswer = { ...identity, at: Math.round(clock()), id, steps };
    response.set('Cache-Control', 'no-store').json(answer);
  };
  return { [`/${plural}/:id/steps`]: { GET: [reads.within('read', list)] } };
}
