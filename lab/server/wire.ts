/**
 * The types of the lab's `/events` and `/api`.
 *
 * The lab listens to the streams of its services, so that a page needs one connection, and adds which services answer
 * and how its own traffic fares.
 */
import type { DocumentStep } from '@holdfast/shared/observability/events.ts';
import type { ServiceStatus, StreamEntry } from '@holdfast/shared/observability/wire.ts';
import type { BreakerState } from '@holdfast/shared/resilience/breaker-state.ts';

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
  readonly ledger: LabLedger;
}

/**
 * What became of all orders: accepted = completed + cancelled + pending + dead, by the counts of the front door; `null`
 * while it is not heard. What the audit says is `null` where nothing was audited.
 */
export interface LabLedger {
  readonly accepted: number | null;
  readonly completed: number | null;
  readonly cancelled: number | null;
  readonly pending: number | null;
  readonly dead: number | null;
  /** Dead documents of the services behind; their orders are pending. */
  readonly deadParts: number | null;
  readonly lost: number | null;
  readonly doubled: number | null;
  readonly disagreement: number | null;
  readonly chargedNotShipped: number | null;
  /** When the last audit began, and the last one that judged every document. */
  readonly auditedAt: number | null;
  readonly wholeAt: number | null;
  /** The first findings, in sentences. */
  readonly findings: readonly string[];
  /** Why there is no audit, or why it is old; `null` while it runs well. */
  readonly notAudited: string | null;
}

/** An event of a service with its id in the lab's own stream. */
export type ServiceEntry = StreamEntry & {
  /** The service's name in the lab's settings (`from` is a state in a transition). */
  readonly origin: string;
  /** The address of the instance: the same after a restart at the same place. */
  readonly url: string;
  /** Of `rejections`: when the first of this row came; `total` counts all of them. */
  readonly since?: number;
};

/** The kinds of events that the lab makes itself, of what no service can tell. */
export const labKinds = ['process', 'database', 'lab', 'traffic'] as const;

/** An event that the lab makes: a process, the database or the lab itself went or came, or traffic was switched. */
export interface LabMadeEntry {
  readonly event: (typeof labKinds)[number];
  readonly id: string;
  readonly at: number;
  /** The service's name in the lab's settings, `database`, or `lab`. */
  readonly origin: string;
  readonly service: string;
  readonly instance: string;
  /** A sentence without its name in front, and with it. */
  readonly text: string;
  readonly line: string;
  readonly level?: 'bad' | 'good' | 'info';
}

/** An event in the lab's stream. */
export type LabEntry = ServiceEntry | LabMadeEntry;

/** The calls of one breaker in one second. */
export interface BreakerSample {
  readonly ok: number;
  /** Failures and timeouts. */
  readonly failed: number;
  /** By the breaker, or because no slot was free. */
  readonly rejected: number;
  /** How many of them the relay sent. */
  readonly relay: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly inFlight: number;
  readonly state: BreakerState;
}

/** What customers were answered in one second; latencies of the last ten. */
export type CustomersSample = TrafficStatus['counts'] & Pick<TrafficStatus, 'p50Ms' | 'p99Ms'>;

/** One second of everything, `sample` in the lab's stream. A breaker that was not heard in it is missing. */
export interface LabSample {
  /** A whole second, in milliseconds since 1970. */
  readonly at: number;
  /** By the key of breaker-key.ts. */
  readonly breakers: Readonly<Record<string, BreakerSample>>;
  readonly customers: CustomersSample;
  /** Pending documents by the name of the service; those that are not heard are missing. */
  readonly pending: Readonly<Record<string, number>>;
}

/** A value of every sample; `null` where a sample does not have it. */
export type Columns<T> = { readonly [K in keyof T]: readonly (T[K] | null)[] };

/** Samples by column, which is a tenth of their size. */
export interface SampleColumns {
  readonly at: readonly number[];
  readonly breakers: Readonly<Record<string, Columns<BreakerSample>>>;
  readonly customers: Columns<CustomersSample>;
  readonly pending: Readonly<Record<string, readonly (number | null)[]>>;
}

/** `GET /api/history`: what is kept of the last 30 minutes. */
export interface LabHistory {
  readonly at: number;
  /** The oldest first. */
  readonly samples: SampleColumns;
  /** The oldest first, at most 2,000; rejections in a row are one. */
  readonly entries: readonly LabEntry[];
}

/** A step of a document, as `order` in the lab's stream, of any service. */
export type LabStep = DocumentStep & { readonly origin: string; readonly instance: string };

/** `snapshot`, the first message of the lab's stream. */
export interface LabSnapshot extends LabStatus {
  readonly lastId: string;
  readonly gap: boolean;
  /** The newest events of all services, the oldest first, at most 200. */
  readonly history: readonly LabEntry[];
  /** The newest steps of all services, the oldest first, at most 150 of each. */
  readonly steps: readonly LabStep[];
}
