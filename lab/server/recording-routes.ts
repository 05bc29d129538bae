/** `/api/recordings`: start one, look at all, download one, end or remove it. Every change passes the guard first. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InvalidError } from '@holdfast/shared/core/errors.ts';
import { parseJsonBody, readJsonUpTo } from '@holdfast/shared/http/json-body.ts';
import type { ReadGate } from '@holdfast/shared/http/read-gate.ts';
import type { Routes } from '@holdfast/shared/http/route-table.ts';
import type { RequestHandler } from 'express';
import { hopRange, isHop } from '../options/hop.ts';
import { isRecord } from './is-record.ts';
import type { ReadAccess } from './read-access.ts';
import { type RecordingPlan, type Recordings, recordingRanges } from './recordings.ts';

/** What the routes need. */
export interface RecordingRouteOptions {
  readonly recordings: Recordings;
  /** Runs before every change. */
  readonly guard: RequestHandler;
  readonly access: ReadAccess;
  readonly reads: ReadGate;
}

const maxBodyBytes = 2000;
const usualSeconds = 60;

/** Creates the routes. */
export function recordingRoutes({ recordings, guard, access, reads }: RecordingRouteOptions): Routes {
  const start: RequestHandler = (request, response) => {
    const recording = recordings.start(parsePlan(parseJsonBody(request)));
    response.status(201).set('Location', `/api/recordings/${recording.id}.jsonl`).json(recording);
  };
  const list: RequestHandler = (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ recordings: recordings.list() });
  };
  const download: RequestHandler = async (request, response) => {
    const text = recordings.text(String(request.params.id));
    response.set({
      'Content-Type': 'application/x-ndjson; charset=utf-8',
      'Content-Disposition': 'attachment; filename="trace.jsonl"',
      'Cache-Control': 'no-store',
    });
    if (request.method === 'HEAD') return void response.end();
    // Who leaves before the end gets the rest of it never, which is no fault.
    await pipeline(Readable.from(text), response).catch(() => undefined);
  };
  const remove: RequestHandler = (request, response) => {
    response.json(recordings.remove(String(request.params.id)));
  };

  return {
    '/api/recordings': {
      GET: [access.check, reads.within('report', list)],
      POST: [guard, readJsonUpTo(maxBodyBytes), start],
    },
    '/api/recordings/:id.jsonl': { GET: [access.check, reads.within('report', download)] },
    '/api/recordings/:id': { DELETE: [guard, remove] },
  };
}

function parsePlan(value: unknown): RecordingPlan {
  const { hop, seconds = usualSeconds, ...others } = isRecord(value) ? value : {};
  const { min, max } = recordingRanges.seconds;
  const isLegal = typeof seconds === 'number' && seconds >= min && seconds <= max;
  const faults = [
    ...(isHop(hop) ? [] : [{ pointer: '/hop', detail: `Must be ${hopRange}.` }]),
    ...(isLegal ? [] : [{ pointer: '/seconds', detail: `Must be a number from ${min} to ${max}.` }]),
    ...Object.keys(others).map((name) => ({ pointer: `/${name}`, detail: 'Is not known here.' })),
  ];
  if (isHop(hop) && isLegal && faults.length === 0) return { hop, seconds };
  throw new InvalidError(
    `The recording is invalid at ${faults.map(({ pointer, detail }) => `"${pointer}": ${detail}`).join(' ')}`,
    faults,
  );
}
