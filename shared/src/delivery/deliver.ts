/**
 * One delivery of a document to the next hop, by its creator or by the relay: forward, then finalize or reschedule.
 *
 * Where somebody waits for the answer, a completion is answered first and stored then (unsettled.ts).
 *
 * The caller holds the document's lease. A lost lease does no harm: finalizing is guarded by the state and a report by
 * the token of the lease, so the slower of two holders changes nothing.
 */
import { StoreUnavailableError } from '../core/errors.ts';
import type { Body, Resource } from '../core/resource.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { CallContext } from '../resilience/pipeline.ts';
import type { Forward, ForwardRequest } from './forward.ts';
import type { NeighbourAnswer } from './neighbour-answer.ts';
import type { FinalState, HopRecord, Records, State, StoredAnswer } from './record.ts';
import { type AttemptResult, planRetry, type RetryPlan } from './retry-plan.ts';
import { createTransitions } from './transitions.ts';

/** The next hop: its name, and how to send to it. */
export interface Next {
  readonly name: string;
  readonly forward: Forward;
}

/** What a delivery needs. */
export interface DeliverOptions<B extends Body> {
  readonly resource: Resource<B>;
  /** The name of this service. */
  readonly service: string;
  readonly records: Pick<Records, 'finalize' | 'reschedule' | 'deadLetter' | 'find'>;
  readonly next: Next;
  readonly clock: Clock;
  /** Numbers from 0 to 1, 1 excluded, for jitter. */
  readonly random: () => number;
  /** Called for a document that cannot be delivered before an operator changes the configuration. */
  readonly alarm: (id: string, reason: string) => void;
  /**
   * Takes over the write of a final state that may be answered at once; false: it must be stored first. Absent where
   * nobody waits for the answer.
   */
  readonly defer?: (id: string, finalState: FinalState) => boolean;
  /** Called at named points, where a test may end the process. */
  readonly failpoint?: (point: string) => void;
}

/** How one delivery ended. */
export type DeliveryResult =
  | { readonly kind: 'final'; readonly state: State; readonly result: StoredAnswer; readonly won: boolean }
  | ({ readonly kind: 'unfinished'; readonly error?: unknown } & RetryPlan);

/** Delivers a document whose lease is held under `by`. Rejects only when the database is away. */
export type Deliver = (
  record: HopRecord,
  by: string,
  how: CallContext & Pick<ForwardRequest, 'onAttempt'>,
) => Promise<DeliveryResult>;

/** Creates the delivery of one service. */
export function createDeliver<B extends Body>(options: DeliverOptions<B>): Deliver {
  const { resource, service, records, next, clock, random, failpoint = () => undefined } = options;
  const { completion, refusal } = createTransitions(resource, service);

  return async function deliver(record, by, how) {
    const child = resource.child.of(record.body as B);
    // It was stored under a definition that gave it a part; now it ends here.
    if (child === undefined) return finalize(record, completion(record, new Date(clock())));
    const sentAt = clock();
    failpoint('before-forward');
    const attempt = await next
      .forward({
        ...how,
        id: child.id,
        body: child,
        parent: record._id,
        // Without a pointer the document is its own part.
        part: resource.child.pointer.slice(1) || resource.singular,
        count: record.out?.hop ?? 1,
      })
      .then(
        (answer): AttemptResult => ({ answer }),
        (error: unknown): AttemptResult => ({ error }),
      );
    failpoint('after-forward');
    const finalState = 'answer' in attempt ? toFinalState(record, attempt.answer, sentAt) : undefined;
    if (finalState !== undefined) {
      return isRepeatable(attempt) && options.defer?.(record._id, finalState) === true
        ? { kind: 'final', state: finalState.state, result: finalState.result, won: true }
        : finalize(record, finalState);
    }
    const plan = planRetry(record, next.name, attempt, { now: clock(), random });
    if (plan.isDeadLetter) await records.deadLetter(record._id, by, plan.report.err, new Date(clock()));
    else await records.reschedule(record._id, by, plan.report);
    if (plan.alarm) options.alarm(record._id, plan.reason);
    return { kind: 'unfinished', ...plan, ...('error' in attempt ? { error: attempt.error } : {}) };
  };

  function toFinalState(record: HopRecord, answer: NeighbourAnswer, sentAt: number): FinalState | undefined {
    const now = new Date(clock());
    if (answer.kind === 'refused') return refusal(record, now, next.name, answer);
    if (answer.kind !== 'done') return undefined;
    const { doneAt } = answer;
    if (doneAt === undefined) return completion(record, now, withCallTime(answer, now.getTime() - sentAt));
    const at = doneAt > record.at ? doneAt : record.at; // clocks differ
    return completion(record, at, withCallTime(answer, at.getTime() - record.at.getTime()));
  }

  /**
   * Makes a document final. When another holder was faster, its answer is returned. When the document is not final
   * afterwards, this throws: an answer must agree with what is stored.
   */
  async function finalize(record: HopRecord, finalState: FinalState): Promise<DeliveryResult> {
    failpoint('before-finalize');
    const won = await records.finalize(record._id, finalState);
    failpoint('after-finalize');
    if (won) return { kind: 'final', state: finalState.state, result: finalState.result, won };
    const winner = await records.find(record._id);
    if (winner?.result != null) return { kind: 'final', state: winner.state, result: winner.result, won };
    throw new StoreUnavailableError(`The end of "${record._id}" was not kept.`, { saved: null });
  }
}

/**
 * Whether a repeat brings the same final state: then it is made only of what is stored here and at the next hop, and a
 * crash before it is stored changes no answer.
 */
function isRepeatable(attempt: AttemptResult): boolean {
  return 'answer' in attempt && attempt.answer.kind === 'done' && attempt.answer.doneAt !== undefined;
}

/** Replaces the nearest hop's time by what its caller measures. */
function withCallTime<T extends NeighbourAnswer & { kind: 'done' }>(answer: T, callMs: number): T {
  const ms = Math.max(0, Math.round(callMs)); // a clock may be set back
  const hops = answer.hops.map((hop, index) => (index === 0 ? { ...hop, ms } : hop));
  return { ...answer, hops };
}
