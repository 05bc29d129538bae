/**
 * What an answer of the next hop means: the table of durability.md in one function.
 *
 * Only our own bodies decide anything. A proxy's 404, an HTML page or a foreign 200 says nothing about the document,
 * so it never completes and never cancels one.
 */
import { z } from 'zod';
import { type Fault, NeighbourError } from '../errors.ts';
import type { RawAnswer } from './http-client.ts';

/** What one hop did, as shown to the client. */
export interface HopSummary {
  readonly service: string;
  readonly status: string;
  readonly ms: number;
}

/** A usable answer. Anything else is thrown as a `NeighbourError`. */
export type NeighbourAnswer =
  | { readonly kind: 'done'; readonly message: string; readonly hops: readonly HopSummary[] }
  | { readonly kind: 'pending'; readonly reason: string; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'refused'; readonly detail: string; readonly faults: readonly Fault[] };

const hop = z.looseObject({ service: z.string(), status: z.string(), ms: z.number() });
const done = z.looseObject({
  id: z.string(),
  status: z.literal('completed'),
  message: z.string().default(''),
  hops: z.array(hop).default([]),
});
const pending = z.looseObject({
  id: z.string(),
  status: z.literal('pending'),
  reason: z.string().default('It is not finished yet.'),
});
const refusal = z.looseObject({
  final: z.literal(true),
  detail: z.string().default('No reason was given.'),
  errors: z.array(z.looseObject({ pointer: z.string(), detail: z.string() })).default([]),
});
const problem = z.looseObject({ detail: z.string(), type: z.string() });

/**
 * Reads the answer to a document that was handed on under `id`.
 * @throws {NeighbourError} `neighbour-failed` for 408, 429, 5xx and foreign bodies, `neighbour-misconfigured` for
 *   3xx and every 4xx that our own body does not call final.
 */
export function parseNeighbourAnswer(raw: RawAnswer, id: string): NeighbourAnswer {
  const body = parseJson(raw.text);
  if (raw.status === 200) return toDone(body, id);
  if (raw.status === 202) return toPending(raw, body, id);
  if (raw.status === 400 || raw.status === 409 || raw.status === 422) {
    const refused = refusal.safeParse(body);
    if (refused.success) return { kind: 'refused', detail: refused.data.detail, faults: refused.data.errors };
  }
  if (raw.status >= 500 || raw.status === 408 || raw.status === 429) {
    throw new NeighbourError('neighbour-failed', `It answered ${raw.status}: ${toReason(body, raw.text)}`, {
      retryAfterMs: parseRetryAfter(raw.header('retry-after')),
    });
  }
  throw new NeighbourError(
    'neighbour-misconfigured',
    `It answered ${raw.status}, which says nothing about the document: ${toReason(body, raw.text)}`,
  );
}

function toDone(body: unknown, id: string): NeighbourAnswer {
  const read = done.safeParse(body);
  if (read.success && read.data.id === id) {
    return { kind: 'done', message: read.data.message, hops: read.data.hops };
  }
  throw foreign(200, id);
}

function toPending(raw: RawAnswer, body: unknown, id: string): NeighbourAnswer {
  const read = pending.safeParse(body);
  if (!read.success || read.data.id !== id) throw foreign(202, id);
  return {
    kind: 'pending',
    reason: read.data.reason,
    retryAfterMs: parseRetryAfter(raw.header('retry-after')),
  };
}

function foreign(status: number, id: string): NeighbourError {
  return new NeighbourError(
    'neighbour-failed',
    `It answered ${status} without a document "${id}" of this chain.`,
  );
}

/** Milliseconds of a `Retry-After` in seconds (RFC 9110); dates and nonsense count as absent. */
function parseRetryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // decided by the caller: no body of ours
  }
}

function toReason(body: unknown, text: string): string {
  const read = problem.safeParse(body);
  if (read.success) return read.data.detail;
  const start = text.slice(0, 60).replace(/\s+/g, ' ').trim();
  return start === '' ? 'an empty body.' : `not a body of this chain ("${start}").`;
}
