/**
 * The answers of a hop as values: what is stored, what is replayed, and what a client sees of a document.
 */

import { boundFieldErrors, cut, isKnownError } from '../core/errors.ts';
import { type Problem, problemPages, problemType, toProblem } from '../core/problem.ts';
import type { Resource } from '../core/resource.ts';
import { BreakerOpenError, NeighbourError } from '../resilience/errors.ts';
import type { HopSummary, NeighbourAnswer } from './neighbour-answer.ts';
import { type HopRecord, type State, type StoredAnswer, toHolder } from './record.ts';

/** An answer that is ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** What went wrong, for the log. */
  readonly error?: unknown;
  /** Where the document stands; absent when the answer is an error of this service. */
  readonly state?: State;
}

/** The status that answers show for a state. */
export function toStatus(state: State): string {
  return state === 'accepted' ? 'pending' : state;
}

/**
 * The stored answer of a completed document; `next` is absent at the end of the chain. In UTC, so that an instance in
 * another time zone gives the same text.
 */
export function completed(
  record: HopRecord,
  service: string,
  { at, ms, next }: { at: Date; ms: number; next: (NeighbourAnswer & { kind: 'done' }) | undefined },
): StoredAnswer {
  const hops: HopSummary[] = [{ service, status: 'completed', ms }, ...(next?.hops ?? [])];
  const clock = `${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())}`;
  const message = `This is ${service} @${clock} -> ${next === undefined ? 'Last' : `Next ${next.message}`}`;
  return {
    status: 200,
    body: { id: record.body.id, status: 'completed', message, doneAt: at.toISOString(), hops },
  };
}

/** The stored answer of a document whose part a later hop has finally refused, with pointers into this hop's body. */
export function refused(
  record: HopRecord,
  resource: Resource,
  next: string,
  refusal: NeighbourAnswer & { kind: 'refused' },
): StoredAnswer {
  const { status, title } = problemPages.refused;
  const problem: Problem & { id: string; status: number } = {
    type: problemType('refused'),
    title,
    status,
    detail: cut(`${next} refused: ${refusal.detail}`, 1000),
    saved: true,
    final: true,
    errors: boundFieldErrors(
      refusal.errors.map((error) => ({ ...error, pointer: `${resource.child.pointer}${error.pointer}` })),
    ),
    id: record.body.id,
  };
  return { status, body: { ...problem } };
}

/** Sends the stored answer of a document in `state`; a repeat is marked as one. */
export function replay(
  stored: StoredAnswer,
  { state, repeated }: { state: State; repeated: boolean },
): Answer {
  return { ...stored, state, headers: repeated ? { 'Idempotent-Replayed': 'true' } : {} };
}

/** The answer for a document that is stored and not final: why, and when to ask again. */
export function pending(
  record: HopRecord,
  resource: Resource,
  { at, reason, retryAfterMs = 1000 }: { at: string; reason: string; retryAfterMs: number | undefined },
): Answer {
  return {
    status: 202,
    headers: {
      Location: locationOf(resource, record._id),
      'Retry-After': `${Math.max(1, Math.ceil(retryAfterMs / 1000))}`,
    },
    state: 'accepted',
    body: { id: record.body.id, status: 'pending', pendingAt: at, reason },
  };
}

/** The problem of a document that is stored, but whose delivery failed with an error. */
export function failed(record: HopRecord, resource: Resource, error: unknown): Answer {
  const { problem, headers } = toProblem(error, true);
  return {
    status: problem.status,
    headers: { ...headers, Location: locationOf(resource, record._id) },
    body: { ...problem, id: record.body.id },
    error,
  };
}

/** The path at which a document can be read. */
function locationOf(resource: Resource, id: string): string {
  return `/${resource.plural}/${encodeURIComponent(id)}`;
}

/** What `GET /<plural>/:id` shows: the state of the document and what is stored. */
export function viewOf(record: HopRecord): Readonly<Record<string, unknown>> {
  const { result, out } = record;
  return {
    id: record.body.id,
    ...(record._id === record.body.id ? {} : { key: record._id }),
    ...(record.parent === null ? {} : { parent: record.parent }),
    status: toStatus(record.state),
    acceptedAt: record.at,
    ...(record.doneAt === undefined ? {} : { doneAt: record.doneAt }),
    repeats: record.dups,
    ...(result?.status === 200 ? { message: result.body.message, hops: result.body.hops } : {}),
    ...(result !== null && result.status !== 200 ? { problem: result.body } : {}),
    ...(out === undefined
      ? {}
      : {
          attempts: out.n,
          failures: out.fails,
          nextTryAt: out.due,
          heldBy: out.by === null ? null : toHolder(out.by),
          ...((out.ended ?? 0) === 0 ? {} : { endedHolders: out.ended }),
          lastError: out.err ?? null,
        }),
    ...(record.ledger === undefined ? {} : { ledger: record.ledger }),
    document: record.body,
  };
}

/** Why a document could not be delivered, without relative times: for texts that are stored. */
export function toLastingReason(error: unknown, next: string): string {
  return error instanceof BreakerOpenError ? error.lasting : toReason(error, next);
}

/** Why a document could not be delivered, in words. */
export function toReason(error: unknown, next: string): string {
  if (error instanceof NeighbourError) return `${next}: ${error.message}`;
  return isKnownError(error) ? error.message : 'A defect of this service.';
}

function pad(part: number): string {
  return `${part}`.padStart(2, '0');
}
