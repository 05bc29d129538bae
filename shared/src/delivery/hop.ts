/**
 * The story of one hop: validate → save → forward → answer.
 *
 * A document is saved before anything else happens to it, and what it owes to the next hop stays written down until
 * that hop's answer is final. A forward that does not end here and now is carried on by the relay.
 */

import {
  ConflictError,
  InvalidError,
  LoopError,
  RefusedError,
  StoreUnavailableError,
} from '../core/errors.ts';
import { type Body, hasId, type Noun, parseBody } from '../core/noun.ts';
import type { RequestFaults } from '../faults/request-faults.ts';
import type { Clock, Deadline } from '../resilience/deadline.ts';
import { type Answer, failed, pending, replay } from './answers.ts';
import type { ForwardRequest } from './forward.ts';
import type { HandOn, Turn } from './hand-on.ts';
import { longestWaitMs } from './outcome.ts';
import { fingerprint, type HopRecord, type Lease, type Records, toPartKey } from './record.ts';
import { createTransitions, type Debt } from './transitions.ts';

/** A create request, read from HTTP and not yet trusted. */
export interface CreateRequest {
  readonly content: unknown;
  /** The sender's hop number; 0 at the front door. */
  readonly count: number;
  /** The `_id` of the document that handed this one on; `null` at the front door. */
  readonly parent: string | null;
  readonly deadline: Deadline;
  /** The services that the request came through. */
  readonly via: readonly string[];
  readonly passedOn: ForwardRequest['passedOn'];
  /** The caller retries by itself, so this hop must not. */
  readonly callerRetries: boolean;
  /** What was asked to go wrong with it. */
  readonly faults: RequestFaults;
}

/** What a hop is made of. */
export interface HopParts<B extends Body> {
  readonly noun: Noun<B>;
  /** The name of this service in answers. */
  readonly service: string;
  readonly records: Records;
  /** Hands a document on to the next hop; absent at the end of the chain. */
  readonly handOn: HandOn | undefined;
  /** What the next hop is called in answers. */
  readonly nextName: string;
  /** Wakes the relay: somebody is asking. */
  readonly wake: () => void;
  /** The hop whose number reaches this is the last one. */
  readonly jumps: number;
  readonly clock: Clock;
  readonly createLease: () => Lease;
  /** Called at named points, where a test may end the process. */
  readonly reach?: (point: string) => void;
}

/** Takes one create request to its answer. Throws when nothing was saved, or when that is unknown. */
export type Create = (request: CreateRequest) => Promise<Answer>;

/** Creates the hop of one service. */
export function createHop<B extends Body>(parts: HopParts<B>): Create {
  const { noun, service, records, clock, reach = () => undefined } = parts;
  const { owing, final, rejected } = createTransitions(noun, service);

  return async function create(request) {
    await request.faults.before();
    request.deadline.demandTime();
    const hop = request.count + 1;
    const handOn = hop < parts.jumps ? parts.handOn : undefined;
    const lease = parts.createLease();
    const debt = handOn && { ...lease, hop, via: request.via };
    let born: HopRecord;
    try {
      born = bear(request, debt);
    } catch (error) {
      const kept = await findKept(request, error);
      if (kept === undefined) throw error;
      return repeat(kept);
    }

    reach('before-insert');
    const { record, found } = await keep(born, request);
    reach('after-insert');
    if (found !== undefined) refuseOther(found, record, request);
    try {
      await request.faults.after();
      if (found !== undefined) return repeat(found);
      if (record.result !== null) return replay(record.result, { repeated: false });
      if (handOn === undefined) throw new TypeError(`"${record._id}" ends the chain and has no answer`);
      const turn = await handOn(record, lease.by, request);
      reach('before-reply');
      return turn.kind === 'final'
        ? replay(turn.result, { repeated: !turn.won })
        : pending(record, noun, {
            at: parts.nextName,
            reason: toReason(turn, request),
            retryAfterMs: turn.waitMs,
          });
    } catch (error) {
      await release(record, lease.by, error);
      return failed(record, noun, error);
    }
  };

  /**
   * Keeps a new document, or finds what is there. A part whose id belongs to another document is kept under a key of
   * its own: what is there is durable and stays, so every repeat comes to the same key. A ring is no such part.
   */
  async function keep(
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

  /** Gives a document to the relay after a fault. When that fails too, the lease has to run out first. */
  async function release({ _id, out }: HopRecord, by: string, error: unknown): Promise<void> {
    if (out === undefined || error instanceof StoreUnavailableError) return;
    const err = error instanceof Error ? error.message : String(error);
    await records
      .reschedule(_id, by, { due: new Date(clock()), err, kind: 'not-sent' })
      .catch(() => undefined);
  }

  /**
   * Makes the new document of a request: one that owes, one that is final, or one that is refused.
   *
   * Between hops a refusal is stored before it is answered; otherwise a late duplicate could still be accepted, and
   * the goods would be shipped and the money refunded. The front door stores nothing that it refuses.
   */
  function bear({ content, parent }: CreateRequest, debt: Debt | undefined): HopRecord {
    const birth = { parent, at: new Date(clock()) };
    try {
      const body = parseBody(noun, content);
      const faults = noun.refuse?.(body) ?? [];
      if (faults.length > 0) return rejected(body, birth, new RefusedError(faults));
      const endsHere = debt === undefined || noun.child.of(body) === undefined;
      return endsHere ? final(body, birth) : owing(body, birth, debt);
    } catch (error) {
      if (!(error instanceof InvalidError) || parent === null || !hasId(content)) throw error;
      return rejected(content, birth, error);
    }
  }

  /** What was kept under older rules is answered from the store, whatever the rules say today. */
  async function findKept(
    { content, parent }: CreateRequest,
    error: unknown,
  ): Promise<HopRecord | undefined> {
    if (!(error instanceof InvalidError) || !hasId(content)) return undefined;
    const found = await records.find(content.id);
    return found?.fp === fingerprint(content, parent) ? records.repeat(content.id) : undefined;
  }

  /** Answers the same create again: with the stored answer, or with where it stands. */
  function repeat(found: HopRecord): Answer {
    if (found.result !== null) return replay(found.result, { repeated: true });
    parts.wake();
    const { by = null, due = null, err = 'It is being handed on.' } = found.out ?? {};
    const retryAfterMs =
      by !== null || due === null ? 1000 : Math.min(longestWaitMs, due.getTime() - clock());
    return pending(found, noun, { at: parts.nextName, reason: err, retryAfterMs });
  }

  /** A person reads how long ago and how soon; another hop keeps what it reads, so it gets what stays true. */
  function toReason({ reason, report }: Turn & { kind: 'unfinished' }, { parent }: CreateRequest): string {
    return parent === null ? reason : report.err;
  }

  /** Lets only a repeat through: the same content under the same parent. */
  function refuseOther(found: HopRecord, record: HopRecord, { via }: CreateRequest): void {
    if (via.includes(service) && found.state === 'accepted') {
      throw new LoopError(
        `The request came through ${via.join(', ')} and is back at ${service}: CHAIN_SVC is a ring.`,
      );
    }
    if (found.fp === record.fp) return;
    const how = found.parent === record.parent ? 'with other content' : 'as a part of another document';
    throw new ConflictError(`The id "${record.body.id}" exists ${how}. The first one is untouched.`);
  }
}
