/**
 * Parses an answer of the next hop; docs/breaker.md has the same as a table.
 *
 * Only a body of the chain completes or cancels a document: a proxy's 404, an HTML page or a 200 of another server
 * does neither.
 */
import { z } from 'zod';
import { cut, type FieldError } from '../core/errors.ts';
import { problemType } from '../core/problem.ts';
import { type Clock, systemClock } from '../resilience/deadline.ts';
import { AttemptTimeoutError, NeighbourError } from '../resilience/errors.ts';
import type { HttpResponse } from '../resilience/http-client.ts';
import { parseRetryAfter } from '../resilience/retry-after.ts';

/** One hop in the answer to a client: its service, status and time. */
export interface HopSummary {
  readonly service: string;
  readonly status: string;
  readonly ms: number;
}

/** A usable answer. Anything else is thrown as a `NeighbourError`. */
export type NeighbourAnswer =
  | {
      readonly kind: 'done';
      readonly message: string;
      readonly hops: readonly HopSummary[];
      /** When the document ended, as every repeat says too; absent when a hop of an older version answers. */
      readonly doneAt?: Date | undefined;
    }
  | { readonly kind: 'pending'; readonly reason: string; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'refused'; readonly detail: string; readonly errors: readonly FieldError[] };

const hop = z.looseObject({ service: z.string(), status: z.string(), ms: z.number() });
const done = z.looseObject({
  id: z.string(),
  status: z.literal('completed'),
  message: z.string().default(''),
  hops: z.array(hop).default([]),
  doneAt: z.iso.datetime().optional().catch(undefined),
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

/** Statuses that concern this document and no other: the next hop does not accept it. */
const documentStatuses = new Set([400, 409, 411, 413, 414, 415, 422, 431]);
/** Maximum length of an answer's reason: it is stored with each pending document and logged. */
const maxReason = 500;
/** The problem types of a healthy service that accepts nothing now. */
const busyTypes = new Set((['overloaded', 'starting', 'stopping'] as const).map(problemType));

/**
 * Parses the answer to a document that was sent with `id`.
 * @throws {NeighbourError} for every other answer: see {@link toNeighbourError}, and `neighbour-failed` for a 200 or 202
 *   that is no answer of the chain.
 */
export function parseNeighbourAnswer(
  raw: HttpResponse,
  id: string,
  clock: Clock = systemClock,
): NeighbourAnswer {
  const body = parseJson(raw.text);
  if (raw.status === 200) return toDone(body, id);
  if (raw.status === 202) return toPending(raw, body, id, clock);
  if (raw.status === 400 || raw.status === 409 || raw.status === 422) {
    const refused = refusal.safeParse(body);
    if (refused.success) return { kind: 'refused', detail: refused.data.detail, errors: refused.data.errors };
  }
  throw toNeighbourError(raw, clock);
}

/**
 * Turns an answer without a document into an error, which concerns this document, the configuration, the neighbour's
 * health, or only its load. The table in docs/breaker.md gives a reason for each.
 */
export function toNeighbourError(raw: HttpResponse, clock: Clock = systemClock): NeighbourError {
  const { status } = raw;
  const body = problem.safeParse(parseJson(raw.text));
  const type = body.success ? body.data.type : undefined;
  const reason = body.success ? cut(body.data.detail, maxReason) : toExcerpt(raw.text);
  const answered = `It answered ${status}: ${reason}`;
  const asked = { status, retryAfterMs: parseRetryAfter(raw, clock) };
  if (status === 504 && type === problemType('deadline-exceeded')) return new AttemptTimeoutError(answered);
  if (status === 429 || (status === 503 && type !== undefined && busyTypes.has(type))) {
    return new NeighbourError('neighbour-busy', answered, asked);
  }
  if (status === 408 || (status >= 500 && status !== 508)) {
    return new NeighbourError('neighbour-failed', answered, asked);
  }
  if (documentStatuses.has(status)) {
    return new NeighbourError('document-not-taken', `It answered ${status}, which is not final: ${reason}`, {
      status,
    });
  }
  return new NeighbourError(
    'neighbour-misconfigured',
    `It answered ${status}, which says nothing about the document: ${reason}`,
    { status },
  );
}

function toDone(body: unknown, id: string): NeighbourAnswer {
  const read = done.safeParse(body);
  if (read.success && read.data.id === id) {
    const { message, hops, doneAt } = read.data;
    return { kind: 'done', message, hops, doneAt: doneAt === undefined ? undefined : new Date(doneAt) };
  }
  throw toForeignError(200, id);
}

function toPending(raw: HttpResponse, body: unknown, id: string, clock: Clock): NeighbourAnswer {
  const read = pending.safeParse(body);
  if (!read.success || read.data.id !== id) throw toForeignError(202, id);
  return {
    kind: 'pending',
    reason: read.data.reason,
    retryAfterMs: parseRetryAfter(raw, clock),
  };
}

function toForeignError(status: number, id: string): NeighbourError {
  return new NeighbourError(
    'neighbour-failed',
    `It answered ${status} without a document "${id}" of this chain.`,
    { status },
  );
}

/** Parses JSON; `undefined` when `text` is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toExcerpt(text: string): string {
  const start = text.slice(0, 60).replace(/\s+/g, ' ').trim();
  return start === '' ? 'an empty body.' : `not a body of this chain ("${start}").`;
}
