/**
 * Reads a document at the next hop, through the pipeline that also delivers documents.
 */

import { problemType } from '../core/problem.ts';
import { type Deadline, marginMs } from '../resilience/deadline.ts';
import { NeighbourError } from '../resilience/errors.ts';
import type { HttpClient, HttpResponse } from '../resilience/http-client.ts';
import type { CallPolicy, Pipeline } from '../resilience/pipeline.ts';
import { parseJson, toNeighbourError } from './neighbour-answer.ts';

/** What to read. */
export interface ReadRequest {
  readonly id: string;
  /** The key of the document that it is a part of. */
  readonly parent: string;
  /** The plural under which the next hop keeps it. */
  readonly plural: string;
  /** The parts that the next hop reads from the hops after it; empty for none. */
  readonly expand: readonly string[];
  readonly deadline: Deadline;
  readonly propagatedHeaders: Readonly<Record<string, string>>;
}

/** The view of a document as the next hop shows it; `undefined` when that hop has none with the id. */
export type NextView = Readonly<Record<string, unknown>> | undefined;

/**
 * Reads one document.
 *
 * Rejects with a `NotSentError` when nothing was sent, and with a `NeighbourError` when no usable answer came; with a
 * fallback in the policy it resolves to that instead.
 */
export type ReadNext = <F = never>(request: ReadRequest, policy?: CallPolicy<F>) => Promise<NextView | F>;

/** Creates the function that reads through `pipeline`. */
export function createReadNext(pipeline: Pipeline, client: HttpClient): ReadNext {
  return ({ id, parent, plural, expand, deadline, propagatedHeaders: headers }, policy) =>
    pipeline(
      { deadline, propagatedHeaders: headers, callerRetries: false },
      async ({ url, timeoutMs, signal, propagatedHeaders }): Promise<NextView> => {
        // Stored before such ids were rejected; a URL with "." or ".." as the id has another path.
        if (/^\.{1,2}$/.test(id))
          throw new NeighbourError('document-not-taken', `No address can name "${id}".`);
        const further = expand.length === 0 ? '' : `&expand=${expand.map(encodeURIComponent).join(',')}`;
        const query = `?parent=${encodeURIComponent(parent)}${further}`;
        const answer = await client.send({
          method: 'GET',
          url: `${new URL(`${plural}/${encodeURIComponent(id)}`, url).href}${query}`,
          headers: { 'Request-Timeout-Ms': `${Math.max(1, timeoutMs - marginMs)}`, ...propagatedHeaders },
          timeoutMs,
          signal,
        });
        return parseView(answer, id);
      },
      policy,
    );
}

function parseView(answer: HttpResponse, id: string): NextView {
  const { status } = answer;
  const body = parseObject(answer.text);
  if (status === 200 && body?.id === id) return body;
  if (status === 404 && body?.type === problemType('not-found')) return undefined;
  if (status === 200) throw new NeighbourError('neighbour-failed', 'It answered 200 with another document.');
  throw toNeighbourError(answer);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
