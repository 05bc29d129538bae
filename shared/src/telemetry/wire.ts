/**
 * What machines read of a service: the shapes of `/breakers`, `/faults` and `/events`. Types only.
 *
 * Times are milliseconds since 1970, durations end in `Ms`, shares are 0 to 1. Every sentence (`why`, `line`) is made
 * by breaker-words.ts, so that a page, a stream and the log say the same.
 */
import type { BreakerSettings } from '../resilience/breaker-settings.ts';
import type { BreakerState, Outcome } from '../resilience/breaker-state.ts';
import type { BreakerView } from '../resilience/breaker-view.ts';
import type { BreakerConfigured, BreakerRejections, BreakerTransition } from './events.ts';

/** Who says something. */
export interface Speaker {
  readonly service: string;
  readonly instance: string;
}

/** Settings that are tried on the outcomes of real calls without deciding anything. */
export interface ShadowReport {
  readonly config: BreakerSettings;
  readonly since: number;
  readonly state: BreakerState;
  /** How often it would have opened. */
  readonly opened: number;
  /** Calls that were made and that it would have rejected. */
  readonly wouldReject: number;
  /** Calls that it has judged. */
  readonly calls: number;
}

/** One breaker, as `GET /breakers` and the stream show it. */
export interface BreakerReport extends BreakerView {
  /** Why it is in its state, in a sentence. */
  readonly why: string;
  /** Milliseconds until the next probe; only while open. Never negative. */
  readonly probeInMs: number | null;
  /** How often it has opened since the service started, failed probes not counted. */
  readonly opened: number;
  readonly shadow: ShadowReport | null;
}

/** `GET /breakers`. */
export interface BreakersAnswer extends Speaker {
  readonly at: number;
  readonly breakers: readonly BreakerReport[];
}

/** What a fault does. */
export type FaultType = 'error' | 'latency' | 'hang' | 'reset' | 'crash' | 'unready';

/** One fault, as `GET /faults` and the stream show it. */
export interface FaultView {
  readonly name: string;
  readonly type: FaultType;
  /** Before or after the document is kept. */
  readonly phase: 'before' | 'after';
  /** Share of the matching requests that it hits. */
  readonly rate: number;
  /** Status of an `error`; 400 to 599. */
  readonly status: number;
  /** Delay of a `latency`, and by how much it varies to either side. */
  readonly ms: number;
  readonly jitterMs: number;
  /** Only documents whose id matches, with `*` for anything; `null` matches all. */
  readonly match: string | null;
  /** Hits after which it is over; `null` is without limit. */
  readonly times: number | null;
  readonly seed: number | null;
  /** Matching requests that it has looked at, and those of them that it hit. */
  readonly seen: number;
  readonly hits: number;
  readonly since: number;
  /** When it is over by itself; `null` for a fault of the start (`INJECT_ERR`). */
  readonly expiresAt: number | null;
  readonly leftMs: number | null;
}

/** A fault began, was changed, or is over. */
export interface FaultChange {
  readonly at: number;
  readonly change: 'on' | 'changed' | 'off';
  /** Why it is over; `null` otherwise. */
  readonly reason: 'deleted' | 'expired' | 'used-up' | null;
  readonly fault: FaultView;
}

/** Where a document stands after one step; the word for it on the stream is the document's own noun. */
export interface DocumentStep {
  readonly at: number;
  readonly id: string;
  /** The document that it is a part of; `null` at the front door. */
  readonly parent: string | null;
  /** `answered` is the end of a create request, `handed-on` of one turn with the next hop. */
  readonly step: 'answered' | 'handed-on';
  /** Whether a waiting request or the relay took the step. */
  readonly by: 'request' | 'relay';
  /** The status word: pending, completed, cancelled, refunded, rejected, dead; `failed` for an error of this service. */
  readonly status: string;
  /** HTTP status of an `answered` step; else `null`. */
  readonly httpStatus: number | null;
  /** Duration of the step. */
  readonly ms: number;
  /** The next hop and how the turn with it ended: `done`, `refused`, `waiting`, or an error's code. Only `handed-on`. */
  readonly next: { readonly name: string; readonly outcome: string } | null;
  /** Why it is not finished, in words. */
  readonly reason: string | null;
  /** When it is tried next. */
  readonly retryAt: number | null;
  /** Each hop's result, the nearest first; only when completed. */
  readonly hops: readonly { readonly service: string; readonly status: string; readonly ms: number }[] | null;
}

/** How a service is. */
export interface ServiceStatus extends Speaker {
  readonly at: number;
  readonly version: string;
  /** When the process began. */
  readonly startedAt: number;
  readonly ready: boolean;
  readonly phase: 'starting' | 'serving' | 'stopping';
  /** `ok`, or why the database cannot be used; and how long its answer took. */
  readonly database: string;
  readonly databaseMs: number | null;
  /** Creates: how many were answered in the last second, and how many are in work. */
  readonly requests: { readonly perSecond: number; readonly active: number };
  /** What is pending here and how old the oldest is; `null` while unknown. */
  readonly relay: { readonly pending: number; readonly oldestMs: number } | null;
  /** Requests that were finished after their caller had left. */
  readonly lateWork: number;
  readonly faults: readonly FaultView[];
  readonly breakers: readonly BreakerReport[];
  /** The calls of the last second, by breaker; latencies without rejections, `null` without calls. */
  readonly lately: Readonly<Record<string, Lately>>;
}

/** The calls of one breaker in the last second. */
export interface Lately {
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Events that have an id and are replayed after a gap. `line` is the line of the log, without time and service. */
export type Told =
  | (Speaker &
      BreakerTransition & { readonly event: 'transition'; readonly why: string; readonly line: string })
  | (Speaker & BreakerRejections & { readonly event: 'rejections'; readonly line: string })
  | (Speaker & BreakerConfigured & { readonly event: 'configured'; readonly line: string })
  | (Speaker & FaultChange & { readonly event: 'fault'; readonly line: string });

/** A told event with its place in the stream: `<boot>-<number>`, growing by one. */
export type StreamEntry = Told & { readonly id: string };

/** The first message of a stream. */
export interface Snapshot extends ServiceStatus {
  /** The newest event with an id; a client that reconnects with it misses nothing. */
  readonly lastId: string;
  /** Whether events between the client's `Last-Event-ID` and the first replayed one are lost. */
  readonly gap: boolean;
  /** The newest told events, the oldest first, at most 100. */
  readonly history: readonly StreamEntry[];
  /** The newest steps of documents, the oldest first, at most 50. */
  readonly documents: readonly DocumentStep[];
}

/** `tick`, four a second. */
export interface Tick extends ServiceStatus {
  /** Steps of documents since the last tick that were not sent one by one, because there were too many. */
  readonly skipped: number;
}
