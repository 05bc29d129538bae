/**
 * `/policy`: all settings of the way to the next hop; with LAB=1 `PATCH` changes them while the service runs.
 *
 * Reading changes nothing and needs no LAB=1. The end of the chain has no next hop, and says so.
 */
import type { RequestHandler } from 'express';
import { RequestError } from '../core/errors.ts';
import type { LivePolicy } from '../observability/live-policy.ts';
import type { PolicyAnswer, PolicyChangedAnswer, ServiceIdentity } from '../observability/wire.ts';
import type { Clock } from '../resilience/deadline.ts';
import { parseJsonBody, readJsonBytes } from './json-body.ts';
import type { ReadGate } from './read-gate.ts';
import type { Routes } from './route-table.ts';

/** What the routes need. */
export interface PolicyRoutesOptions {
  /** Absent at the end of the chain. */
  readonly policy: Pick<LivePolicy, 'view' | 'change'> | undefined;
  readonly identity: ServiceIdentity;
  readonly clock: Clock;
  /** Middleware in front of every change. */
  readonly guard: RequestHandler;
  readonly reads: ReadGate;
}

/** Creates the routes. */
export function policyRoutes({ policy, identity, clock, guard, reads }: PolicyRoutesOptions): Routes {
  const sender = () => ({ ...identity, at: Math.round(clock()) });
  const show: RequestHandler = (_request, response) => {
    const answer: PolicyAnswer = { ...sender(), ...find().view() };
    response.set('Cache-Control', 'no-store').json(answer);
  };
  const change: RequestHandler = (request, response) => {
    const body = parseJsonBody(request);
    const answer: PolicyChangedAnswer = { ...sender(), ...find().change(body) };
    response.set('Cache-Control', 'no-store').json(answer);
  };
  return { '/policy': { GET: [reads.within('report', show)], PATCH: [guard, readJsonBytes, change] } };

  function find(): Pick<LivePolicy, 'view' | 'change'> {
    if (policy !== undefined) return policy;
    throw new RequestError(
      'not-found',
      'This service is the end of its chain: there is no next hop, and so no policy.',
    );
  }
}
