/**
 * The story of one hop: validate → save → forward → answer.
 *
 * A document is saved before anything else happens to it, and its outbox entry stays until the next hop's answer is
 * final. Faults before the save are thrown (nothing is kept); after it every outcome is an answer that says so.
 */
import { type Answer, failed, pending, replay, toReason } from './answers.ts';
import { ConflictError, LoopError } from './errors.ts';
import type { Faults } from './faults.ts';
import { type Body, type Noun, parseBody } from './noun.ts';
import type { HopRecord, Records, Settlement } from './record.ts';
import type { Clock, Deadline } from './resilience/deadline.ts';
import type { Forward, ForwardRequest } from './resilience/forward.ts';
import type { NeighbourAnswer } from './resilience/neighbour-answer.ts';
import { createTransitions, type Lease } from './transitions.ts';

/** A create request, read from HTTP and not yet trusted. */
export interface CreateRequest {
  readonly content: unknown;
  /** The sender's hop number; 0 at the front door. */
  readonly count: number;
  /** The id of the document that handed this one on; `null` at the front door. */
  readonly parent: string | null;
  readonly deadline: Deadline;
  /** The services that the request came through. */
  readonly via: readonly string[];
  readonly passedOn: ForwardRequest['passedOn'];
}

/** The way to the next hop, and what it is called. */
export interface Next {
  readonly name: string;
  readonly forward: Forward;
}

/** What a hop is made of. */
export interface HopParts<B extends Body> {
  readonly noun: Noun<B>;
  /** The name of this service in answers. */
  readonly service: string;
  readonly records: Records;
  /** Absent at the end of the chain. */
  readonly next: Next | undefined;
  /** The hop whose number reaches this is the last one. */
  readonly jumps: number;
  readonly faults: Faults;
  readonly clock: Clock;
  /** How long a document is one request's alone; longer than any request may take. */
  readonly leaseMs: number;
  /** Makes a fencing token that no other holder ever has. */
  readonly createToken: () => string;
}

/** Takes one create request to its answer. Throws when nothing was saved, or when that is unknown. */
export type Create = (request: CreateRequest) => Promise<Answer>;

/** Creates the hop of one service. */
export function createHop<B extends Body>(parts: HopParts<B>): Create {
  const { noun, service, records, faults, clock, createToken, leaseMs } = parts;
  const { owing, final, completion, refusal } = createTransitions(noun, service);
  const now = () => new Date(clock());
  const createLease = (): Lease => ({ by: createToken(), due: new Date(clock() + leaseMs) });

  return async function create(request) {
    const body = parseBody(noun, request.content);
    request.deadline.demandTime();

    const number = request.count + 1;
    const next = number < parts.jumps ? parts.next : undefined;
    const lease = createLease();
    const record = next ? owing(body, request.parent, lease, now()) : final(body, request.parent, now());

    const found = await records.accept(record);
    if (found !== undefined) refuseOther(found, record, request);
    try {
      faults.afterSave();
      if (found?.result != null) return replay(found.result, { repeated: true });
      if (next === undefined)
        return found ? await settle(record, completion(record, now())) : justSaved(record);
      if (found !== undefined && !(await records.claim(found._id, { ...lease, now: now() })))
        return underWay(record);
      return await handOn(record, next, { ...request, count: number }, lease);
    } catch (error) {
      return failed(record, noun, error);
    }
  };

  /** Sends the child to the next hop and writes down what its answer means. */
  async function handOn(
    record: HopRecord,
    next: Next,
    request: CreateRequest,
    lease: Lease,
  ): Promise<Answer> {
    const child = noun.child.of(record.body as B);
    const sentAt = clock();
    let answer: NeighbourAnswer;
    try {
      answer = await next.forward({ ...request, id: child.id, body: child, parent: record._id });
    } catch (error) {
      await release(record, lease, toReason(error, next.name));
      throw error;
    }
    switch (answer.kind) {
      case 'done':
        return settle(record, completion(record, now(), timed(answer, clock() - sentAt)));
      case 'refused':
        return settle(record, refusal(record, now(), next.name, answer));
      case 'pending':
        await release(record, lease, answer.reason);
        return pending(record, noun, {
          at: next.name,
          reason: answer.reason,
          retryAfterMs: answer.retryAfterMs,
        });
    }
  }

  /** Makes a document final, or repeats what somebody else made of it meanwhile. */
  async function settle(record: HopRecord, settlement: Settlement): Promise<Answer> {
    if (await records.settle(record._id, settlement)) return replay(settlement.result, { repeated: false });
    const winner = await records.find(record._id);
    return replay(winner?.result ?? settlement.result, { repeated: true });
  }

  /** Gives the document free for the next try. A failure to do so only means that the lease has to run out. */
  async function release(record: HopRecord, { by }: Lease, err: string): Promise<void> {
    await records.release(record._id, by, { due: now(), err }).catch(() => undefined);
  }

  function justSaved(record: HopRecord): Answer {
    if (record.result === null) throw new TypeError(`"${record._id}" ends the chain and has no answer`);
    return replay(record.result, { repeated: false });
  }

  function underWay(record: HopRecord): Answer {
    return pending(record, noun, {
      at: service,
      reason: 'Another request is handing it on.',
      retryAfterMs: 1000,
    });
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
    throw new ConflictError(`The id "${record._id}" exists ${how}. The first one is untouched.`);
  }
}

/** The nearest hop's time as seen from here: with the way there and back, and with its own writes. */
function timed<T extends NeighbourAnswer & { kind: 'done' }>(answer: T, callMs: number): T {
  const hops = answer.hops.map((hop, index) => (index === 0 ? { ...hop, ms: Math.round(callMs) } : hop));
  return { ...answer, hops };
}
