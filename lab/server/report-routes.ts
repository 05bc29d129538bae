/**
 * `GET /api/report.html` and `GET /api/report.json`: the last 30 minutes as a file to keep.
 *
 * A report is made once for all who ask before something new is known. The page comes as a download, and would be
 * allowed nothing but its own style where a browser shows it all the same.
 */
import type { ReadGate } from '@holdfast/shared/http/read-gate.ts';
import type { Routes } from '@holdfast/shared/http/route-table.ts';
import type { RequestHandler, Response } from 'express';
import type { Report } from '../report/report.ts';
import { reportShownPolicy, toHtml } from '../report/to-html.ts';
import { toJson } from '../report/to-json.ts';
import type { Lab } from './lab.ts';
import { toLabReport } from './lab-report.ts';
import type { LabHistory, LabStatus } from './wire.ts';

/** What the routes need. */
export interface ReportOptions {
  readonly lab: Pick<Lab, 'history' | 'statusText'>;
  /** Runs before every read. */
  readonly reader: RequestHandler;
  readonly reads: ReadGate;
}

interface Made {
  /** The history that it was made of. */
  readonly of: Buffer;
  readonly at: number;
  readonly text: string;
}

const kinds = {
  html: { type: 'text/html; charset=utf-8', write: toHtml },
  json: { type: 'application/json; charset=utf-8', write: toJson },
} as const;

/** Creates the routes. */
export function reportRoutes({ lab, reader, reads }: ReportOptions): Routes {
  const made = new Map<keyof typeof kinds, Made>();

  const answer =
    (kind: keyof typeof kinds): RequestHandler =>
    async (_request, response) => {
      const { json } = await lab.history();
      const known = made.get(kind);
      const fresh = known?.of === json ? known : make(kinds[kind].write, json);
      made.set(kind, fresh);
      send(response, kind, fresh);
    };

  function make(write: (report: Report) => string, of: Buffer): Made {
    const history = JSON.parse(of.toString()) as LabHistory;
    const text = write(toLabReport(history, JSON.parse(lab.statusText()) as LabStatus));
    return { of, at: history.at, text };
  }

  const route = (kind: keyof typeof kinds) => ({ GET: [reader, reads.within('report', answer(kind))] });
  return { '/api/report.html': route('html'), '/api/report.json': route('json') };
}

function send(response: Response, kind: keyof typeof kinds, { at, text }: Made): void {
  const moment = new Date(at).toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
  response.set({
    'Content-Type': kinds[kind].type,
    'Content-Disposition': `attachment; filename="holdfast-${moment}.${kind}"`,
    'Content-Security-Policy': reportShownPolicy,
    'Cache-Control': 'no-store',
  });
  response.send(text);
}
