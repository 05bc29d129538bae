/**
 * The types of the lab's `/events` and `/api`.
 *
 * The lab listens to the streams of its services, so that a page needs one connection, and adds which services answer
 * and how its own traffic fares.
 */
import type { DocumentStep } from '@holdfast/shared/observability/events.ts';
import type { ServiceStatus, StreamEntry } from '@holdfast/shared/observability/wire.ts';

/** One service of the chain, as the lab sees it. */
export interface LabService {
  /** Its name in the lab's settings; also the one in paths. */
  readonly name: string;
  readonly url: string;
  /** Whether its stream is open and had a message in the last 5 s. */
  readonly connected: boolean;
  readonly lastHeardAt: number | null;
  /** Its last status; kept while it is away, so that a page can show it as stale. */
  readonly status: ServiceStatus | null;
}

/** One answer that a customer of the lab's traffic got. */
export interface CustomerAnswer {
  readonly at: number;
  readonly id: string;
  /** HTTP status; `null` when no answer came. */
  readonly status: number | null;
  readonly ms: number;
}

/** The lab's traffic: open loop, so a slow chain does not slow it down. */
export interface TrafficStatus {
  readonly on: boolean;
  readonly ratePerSecond: number;
  /** When it stops by itself. */
  readonly stopsAt: number | null;
  readonly sent: number;
  /** Orders that were due and not sent, because too many waited for their answers. */
  readonly dropped: number;
  readonly waiting: number;
  readonly counts: {
    /** 200: shipped. */
    readonly completed: number;
    /** 202: kept, not finished. */
    readonly pending: number;
    /** 4xx. */
    readonly refused: number;
    /** 5xx. */
    readonly failed: number;
    /** No answer at all. */
    readonly unanswered: number;
  };
  /** Of the answers of the last ten seconds. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** The newest answers, the oldest first, at most 60. */
  readonly recent: readonly CustomerAnswer[];
}

/** `GET /api/status`, and `tick` four times a second. */
export interface LabStatus {
  readonly at: number;
  /** From the front door to the end of the chain. */
  readonly services: readonly LabService[];
  readonly traffic: TrafficStatus;
  /** Whether changes need a token. */
  readonly tokenNeeded: boolean;
}

/** An event of a service with its id in the lab's own stream. */
export type LabEntry = StreamEntry & {
  /** The service's name in the lab's settings (`from` is a state in a transition). */
  readonly origin: string;
};

/** A step of a document, as `order` in the lab's stream, of any service. */
export type LabStep = DocumentStep & { readonly origin: string; readonly instance: string };

/** `snapshot`, the first message of the lab's stream. */
export interface LabSnapshot extends LabStatus {
  readonly lastId: string;
  readonly gap: boolean;
  /** The newest events of all services, the oldest first, at most 200. */
  readonly history: readonly LabEntry[];
  /** The newest steps of all services, the oldest first, at most 150. */
  readonly steps: readonly LabStep[];
}
