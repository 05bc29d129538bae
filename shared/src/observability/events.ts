/**
 * All events of a service, on one bus. Logs, metrics, streams and traces subscribe to it.
 *
 * Events of breakers are defined in resilience, those of faults in faults; here are the others, and all together.
 */
import type { FaultChange } from '../faults/fault-events.ts';
import type { BreakerEventMap } from '../resilience/breaker-events.ts';
import { createEventBus, type EventBus } from '../resilience/event-bus.ts';
import type { PolicyChanged } from '../resilience/policy-settings.ts';

/** One attempt of a delivery that was sent. */
export interface SentAttempt {
  readonly at: number;
  readonly ms: number;
  /** The address of the instance. */
  readonly url: string;
  /** As `next.outcome` of a step. */
  readonly outcome: string;
  readonly httpStatus?: number | undefined;
  /** It decided whether a breaker closes. */
  readonly probe?: true | undefined;
}

/** Where a document stands after one step; on the stream the event has the name of the resource. */
export interface DocumentStep {
  readonly at: number;
  readonly id: string;
  /** The document that this one is a part of; `null` at the front door. */
  readonly parent: string | null;
  /** `answered` is the end of a create request, `handed-on` the end of one delivery to the next hop. */
  readonly step: 'answered' | 'handed-on';
  /** Whether a waiting request or the relay took the step. */
  readonly by: 'request' | 'relay';
  /** The status word: pending, completed, cancelled, refunded, rejected, dead; `failed` for an error of this service. */
  readonly status: string;
  /** HTTP status of an `answered` step; else `null`. */
  readonly httpStatus: number | null;
  /** Duration of the step. */
  readonly ms: number;
  /**
   * The next hop and how the delivery ended: `done`, `refused`, `waiting`, or an error's code, then with the HTTP status
   * that the next hop answered, if it did. Only `handed-on`.
   */
  readonly next: {
    readonly name: string;
    readonly outcome: string;
    readonly httpStatus?: number | undefined;
  } | null;
  /** Why it is not finished, in words. */
  readonly reason: string | null;
  /** When it is tried next. */
  readonly retryAt: number | null;
  /** Each hop's result, the nearest first; only when completed. */
  readonly hops: readonly { readonly service: string; readonly status: string; readonly ms: number }[] | null;
  /** Only `handed-on`: the attempts that were sent, the first one first; absent when none was. */
  readonly attempts?: readonly SentAttempt[] | undefined;
  /**
   * Only `handed-on`, after an earlier holder ended without a report: the instance whose lease ran out (`null` when a new
   * process of the same instance gave it back), and how many processes ended while they held it.
   */
  readonly tookOver?: { readonly from: string | null; readonly ended: number } | undefined;
}

/** A call was answered with its fallback instead of an answer of the next hop. */
export interface Fallback {
  readonly at: number;
  /** What the next hop is called. */
  readonly next: string;
  /** Why there was no answer: the error's code, or `internal`. */
  readonly code: string;
}

/** A breaker was removed with its instance; only calls under way still end. */
export interface BreakerGone {
  readonly name: string;
  readonly at: number;
}

/** Every kind of event of a service with its content. */
export interface EventMap extends BreakerEventMap {
  readonly gone: BreakerGone;
  readonly fault: FaultChange;
  readonly document: DocumentStep;
  readonly fallback: Fallback;
  readonly policy: PolicyChanged;
}

/** The bus of a service. */
export type Events = EventBus<EventMap>;

/** Creates the bus of a service, without listeners. */
export function createEvents(): Events {
  return createEventBus();
}
