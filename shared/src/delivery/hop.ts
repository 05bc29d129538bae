/**
 * What a hop does with a create request: validate → save → deliver → answer.
 *
 * A document is saved before it is delivered, and its outbox is stored until the answer of the next hop is final. The
 * relay continues a delivery that the request does not finish.
 */

import {
  ConflictError,
  InvalidError,
  LoopError,
  RefusedError,
  StoreUnavailableError,
} from '../core/errors.ts';
import { type Body, hasId, parseBody, type Resource } from '../core/resource.ts';
import type { RequestFaults } from '../faults/request-faults.ts';
import type { Clock, Deadline } from '../resilience/deadline.ts';
import { type Answer, failed, pending, replay } from './answers.ts';
import type { Deliver, DeliveryResult } from './deliver.ts';
import type { ForwardRequest } from './forward.ts';
import { fingerprint, type HopRecord, type Lease, type Records, toPartKey } from './record.ts';
import { longestWaitMs } from './retry-plan.ts';
import { createTransitions, type NewOutbox } from './transitions.ts';

/** A create request, read from HTTP and not validated yet. */
export interface CreateRequest {
  readonly content: unknown;
  /** The sender's hop number; 0 for a client. */
  readonly count: number;
  /** The `_id` of the document that this one is a part of; `null` for a client. */
  readonly parent: string | null;
  readonly deadline: Deadline;
  /** The services that the request passed. */
  readonly via: readonly string[];
  readonly propagatedHeaders: ForwardRequest['propagatedHeaders'];
  /** The caller retries itself, so this hop must not. */
  readonly callerRetries: boolean;
  /** A relay of a hop before this one sent it, so nobody waits. */
  readonly background: boolean;
  /** The faults to inject. */
  readonly faults: RequestFaults;
}

/** What a hop needs. */
export interface HopOptions<B extends Body> {
  readonly resource: Resource<B>;
  /** The name of this service in answers. */
  readonly service: string;
  readonly records: Records;
  /** Delivers a document to the next hop; absent at the end of the chain. */
  readonly deliver: Deliver | undefined;
  /** The name of the next hop in answers. */
  readonly nextName: string;
  /** Wakes the relay: a client waits for a pending document. */
  readonly wake: () => void;
  /** The hop with this number is the last one. */
  readonly maxHops: number;
  readonly clock: Clock;
  readonly createLease: () => Lease;
  /** Called at named points, where a test may end the process. */
  readonly failpoint?: (point: string) => void;
}

/** Answers one create request. Throws when nothing was saved, or when that is unknown. */
export type Create = (request: CreateRequest) => Promise<Answer>;

/** Creates the hop of one service. */
export function createHop<B extends Body>(options: HopOptions<B>): Create {
  const { resource, service, records, clock, failpoint = () => undefined } = options;
  const { pendingRecord, finalRecord, rejectedRecord } = createTransitions(resource, service);

  return async function create(request) {
    await request.faults.before();
    request.deadline.throwIfExpired();
    const hop = request.count + 1;
    const deliver = hop < options.maxHops ? options.deliver : undefined;
    const lease = options.createLease();
    const validated = await validate(request, deliver && { ...lease, hop, via: request.via });
    if ('stored' in validated) return repeat(validated.stored);
    failpoint('before-insert');
    const { record, found } = await store(validated.created, request);
    failpoint('after-insert');
    if (found !== undefined) requireRepeat(found, record, request);
    try {
      await request.faults.after();
      if (found !== undefined) return repeat(found);
      if (record.result !== null) return replay(record.result, { state: record.state, repeated: false });
      if (deliver === undefined) throw new TypeError(`"${record._id}" ends the chain and has no answer`);
      const result = await deliver(record, lease.by, request);
      failpoint('before-reply');
      return toAnswer(record, result, request);
    } catch (error) {
      await release(record, lease.by, error);
      return failed(record, resource, error);
    }
  };

  /** Creates the record of a request, or finds the one that is stored although the request is invalid now. */
  async function validate(
    request: CreateRequest,
    outbox: NewOutbox | undefined,
  ): Promise<{ readonly created: HopRecord } | { readonly stored: HopRecord }> {
    try {
      return { created: createRecord(request, outbox) };
    } catch (error) {
      const stored = await findStored(request, error);
      if (stored === undefined) throw error;
      return { stored };
    }
  }

  /**
   * Creates the record of a request: with an outbox, final, or rejected.
   *
   * A refusal between hops is stored before it is answered; otherwise a late duplicate could still be accepted after
   * the previous hop has compensated. Invalid content from a client is not stored.
   */
  function createRecord({ content, parent }: CreateRequest, outbox: NewOutbox | undefined): HopRecord {
    const origin = { parent, at: new Date(clock()) };
    try {
      const body = parseBody(resource, content);
      const reasons = resource.refuse?.(body) ?? [];
      if (reasons.length > 0) return rejectedRecord(body, origin, new RefusedError(reasons));
      const endsHere = outbox === undefined || resource.child.of(body) === undefined;
      return endsHere ? finalRecord(body, origin) : pendingRecord(body, origin, outbox);
    } catch (error) {
      if (!(error instanceof InvalidError) || parent === null || !hasId(content)) throw error;
      return rejectedRecord(content, origin, error);
    }
  }

  /** Finds a repeat that was stored under older rules: it is answered from the store, although it is invalid now. */
  async function findStored(
    { content, parent }: CreateRequest,
    error: unknown,
  ): Promise<HopRecord | undefined> {
    if (!(error instanceof InvalidError) || !hasId(content)) return undefined;
    const found = await records.find(content.id);
    return found?.fp === fingerprint(content, parent) ? records.repeat(content.id) : undefined;
  }

  /**
   * Stores a new document, or finds the stored one. A part whose id is taken by another document is stored under a key
   * that contains its parent; a repeat computes the same key. A document that comes back in a ring gets no such key.
   */
  async function store(
    record: HopRecord,
    { parent, via }: CreateRequest,
  ): Promise<{ record: HopRecord; found: HopRecord | undefined }> {
    const found = await records.accept(record);
    const isTaken = found !== undefined && parent !== null && found.parent !== parent;
    const key = isTaken && !via.includes(service) ? toPartKey(record.body.id, parent) : undefined;
    if (key === undefined) return { record, found };
    const own = { ...record, _id: key };
    return { record: own, found: await records.accept(own) };
  }

  /** Throws unless the request is a repeat: the same content under the same parent. */
  function requireRepeat(found: HopRecord, record: HopRecord, { via }: CreateRequest): void {
    if (via.includes(service) && found.state === 'accepted') {
      throw new LoopError(
        `The request came through ${via.join(', ')} and is back at ${service}: CHAIN_SVC is a ring.`,
      );
    }
    if (found.fp === record.fp) return;
    const how = found.parent === record.parent ? 'with other content' : 'as a part of another document';
    throw new ConflictError(`The id "${record.body.id}" exists ${how}. The first one is untouched.`);
  }

  /** Answers a repeated create: with the stored answer, or with the present state. */
  function repeat(found: HopRecord): Answer {
    if (found.result !== null) return replay(found.result, { state: found.state, repeated: true });
    options.wake();
    const { by = null, due = null, err = 'It is being handed on.' } = found.out ?? {};
    const retryAfterMs =
      by !== null || due === null ? 1000 : Math.min(longestWaitMs, due.getTime() - clock());
    return pending(found, resource, { at: options.nextName, reason: err, retryAfterMs });
  }

  /** Answers after a delivery. A client gets relative times; another hop stores the reason, so it has none. */
  function toAnswer(record: HopRecord, result: DeliveryResult, { parent }: CreateRequest): Answer {
    if (result.kind === 'final') return replay(result.result, { state: result.state, repeated: !result.won });
    const { reason, report, waitMs } = result;
    return pending(record, resource, {
      at: options.nextName,
      reason: parent === null ? reason : report.err,
      retryAfterMs: waitMs,
    });
  }

  /** Leaves a document to the relay after an error. When that fails too, the relay waits for the end of the lease. */
  async function release({ _id, out }: HopRecord, by: string, error: unknown): Promise<void> {
    if (out === undefined || error instanceof StoreUnavailableError) return;
    const err = error instanceof Error ? error.message : String(error);
    await records
      .reschedule(_id, by, { due: new Date(clock()), err, kind: 'not-sent' })
      .catch(() => undefined);
  }
}
