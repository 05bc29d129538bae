/**
 * `/api/tunes`: what the last tunes found. `/api/trials`: try the best of one on live traffic, look at the latest trial,
 * stop it. Every change passes the guard first.
 */
import { InvalidError } from '@holdfast/shared/core/errors.ts';
import { parseJsonBody, readJsonUpTo } from '@holdfast/shared/http/json-body.ts';
import type { ReadGate } from '@holdfast/shared/http/read-gate.ts';
import type { Routes } from '@holdfast/shared/http/route-table.ts';
import type { RequestHandler, Response } from 'express';
import { hopRange, isHop } from '../options/hop.ts';
import type { PolicyTrials } from './policy-trials.ts';
import type { ReadAccess } from './read-access.ts';
import type { TuneResults } from './tune-results.ts';

/** What the routes need. */
export interface TrialRouteOptions {
  readonly trials: PolicyTrials;
  readonly tunes: TuneResults;
  /** Runs before every change. */
  readonly guard: RequestHandler;
  readonly access: ReadAccess;
  readonly reads: ReadGate;
}

/** Largest body in bytes: the name of a hop. */
const maxBodyBytes = 2000;

/** Creates the routes. */
export function trialRoutes({ trials, tunes, guard, access, reads }: TrialRouteOptions): Routes {
  const read = (answer: RequestHandler) => [access.check, reads.within('report', answer)];
  const send = (response: Response, status: number, body: unknown) =>
    void response.status(status).set('Cache-Control', 'no-store').json(body);

  return {
    '/api/tunes': { GET: read(async (_request, response) => send(response, 200, await tunes.list())) },
    '/api/trials': {
      POST: [
        guard,
        readJsonUpTo(maxBodyBytes),
        async (request, response) => {
          await trials.start(parseHop(parseJsonBody(request)));
          send(response, 202, trials.status());
        },
      ],
    },
    '/api/trials/latest': {
      GET: read((_request, response) => send(response, 200, trials.status())),
      DELETE: [
        guard,
        (_request, response) => {
          trials.stop();
          send(response, 200, trials.status());
        },
      ],
    },
  };
}

function parseHop(value: unknown): string {
  const { hop, ...others } = Object(value) as Record<string, unknown>;
  const errors = [
    ...(isHop(hop) ? [] : [{ pointer: '/hop', detail: `Must be ${hopRange}.` }]),
    ...Object.keys(others).map((name) => ({ pointer: `/${name}`, detail: 'Is not known here.' })),
  ];
  const [first] = errors;
  if (first === undefined) return String(hop);
  throw new InvalidError(`The trial is invalid at "${first.pointer}": ${first.detail}`, errors);
}
