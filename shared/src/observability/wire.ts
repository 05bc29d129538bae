/**
 * The JSON of `/breakers`, `/faults` and `/events`. Types only.
 *
 * Times are milliseconds since 1970, durations end in `Ms`, shares are 0 to 1. Every sentence (`why`, `line`) is made
 * by breaker-words.ts or fault-words.ts, so that a page, a stream and the log say the same.
 */

import type { State } from '../delivery/record.ts';
import type { FaultChange, FaultView } from '../faults/fault-events.ts';
import type {
  BreakerConfigured,
  BreakerRejections,
  BreakerTransition,
} from '../resilience/breaker-events.ts';
import type { Outcome } from '../resilience/breaker-state.ts';
import type { BreakerView } from '../resilience/breaker-view.ts';
import type { PolicyChanged, PolicySettingChange, RunningPolicy } from '../resilience/policy-settings.ts';
import type { ShadowReport } from '../resilience/shadow.ts';
import type { DocumentStep } from './events.ts';

/** The sender of a report or an event. */
export interface ServiceIdentity {
  readonly service: string;
  readonly instance: string;
}

/** One breaker, as `GET /breakers` and the stream show it. */
export interface BreakerReport extends BreakerView {
  /** Why it is in its state, in a sentence. */
  readonly why: string;
  /** The same without the time until the next probe, for a page that counts down itself. */
  readonly cause: string;
  /** Milliseconds until the next probe; only while open. Never negative. */
  readonly probeInMs: number | null;
  /** How often it has opened since the service started, failed probes not counted. */
  readonly opened: number;
  readonly shadow: ShadowReport | null;
}

/** `GET /breakers`. */
export interface BreakersAnswer extends ServiceIdentity {
  readonly at: number;
  readonly breakers: readonly BreakerReport[];
}

/** `GET /policy`: all settings of the way to the next hop. */
export interface PolicyAnswer extends ServiceIdentity {
  readonly at: number;
  /** `front→back`. */
  readonly hop: string;
  /** As at the start, or as it was changed since; new instances begin with it. */
  readonly policy: RunningPolicy;
  /** Breakers of single instances that have settings of their own, with those that differ. */
  readonly exceptions: readonly {
    readonly breaker: string;
    readonly settings: Readonly<Record<string, number>>;
  }[];
  /** Settings that can be read and not changed. */
  readonly fixed: readonly { readonly pointer: string; readonly why: string }[];
}

/** The answer to a change of the policy. */
export interface PolicyChangedAnswer extends PolicyAnswer {
  readonly changed: readonly PolicySettingChange[];
}

/** The status of a service. */
export interface ServiceStatus extends ServiceIdentity {
  readonly at: number;
  readonly version: string;
  /** When the process started. */
  readonly startedAt: number;
  readonly ready: boolean;
  readonly phase: 'starting' | 'serving' | 'stopping';
  /** `ok`, or why the database cannot be used. */
  readonly database: string;
  /** How long its last answer took; `null` while unknown. */
  readonly databaseMs: number | null;
  /** Creates: how many were answered in the last second, and how many are in work. */
  readonly requests: { readonly perSecond: number; readonly active: number };
  /** What is pending here and how old the oldest is; `null` while unknown. */
  readonly relay: { readonly pending: number; readonly oldestMs: number } | null;
  /** How many documents are kept here, by state, of all instances together; `null` while unknown. */
  readonly ledger: DocumentLedger | null;
  /** Requests that were finished after their caller had disconnected. */
  readonly lateWork: number;
  readonly faults: readonly FaultView[];
  readonly breakers: readonly BreakerReport[];
  /** The calls of the last second, by breaker; latencies without rejections, `null` without calls. */
  readonly lately: Readonly<Record<string, RecentCalls>>;
}

/** Documents by state, as answers call them. */
export type DocumentLedger = Readonly<Record<Exclude<State, 'accepted'> | 'pending', number>>;

/** The calls of one breaker in the last second. */
export interface RecentCalls {
  readonly counts: Readonly<Record<Outcome, number>>;
  /** Of those that ended with success, failure or timeout: how many the relay made. Customers wait for the others. */
  readonly relay: number;
  /** The same of all calls since the breaker was created; its other counts are in its report. */
  readonly relayTotal: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/**
 * Events that have an id and are replayed after a gap. `line` is the line of the log, without time and service; `why`
 * or `text` is its last part, without sign, name and states.
 */
export type LoggedEvent =
  | (ServiceIdentity &
      BreakerTransition & { readonly event: 'transition'; readonly why: string; readonly line: string })
  | (ServiceIdentity &
      BreakerRejections & { readonly event: 'rejections'; readonly text: string; readonly line: string })
  | (ServiceIdentity &
      BreakerConfigured & { readonly event: 'configured'; readonly text: string; readonly line: string })
  | (ServiceIdentity &
      PolicyChanged & { readonly event: 'policy'; readonly text: string; readonly line: string })
  | (ServiceIdentity &
      FaultChange & { readonly event: 'fault'; readonly text: string; readonly line: string });

/** An event with its id in the stream: `<boot>-<number>`, growing by one. */
export type StreamEntry = LoggedEvent & { readonly id: string };

/** The first message of a stream. */
export interface Snapshot extends ServiceStatus {
  /** The newest event with an id; a client that reconnects with it misses nothing. */
  readonly lastId: string;
  /** Whether events between the client's `Last-Event-ID` and the first replayed one are lost. */
  readonly gap: boolean;
  /** The newest events, the oldest first, at most 100. */
  readonly history: readonly StreamEntry[];
  /** The newest steps of documents, the oldest first, at most 50. */
  readonly documents: readonly DocumentStep[];
}

/** `GET /<plural>/:id/steps`. */
export interface StepsAnswer extends ServiceIdentity {
  readonly at: number;
  readonly id: string;
  /** The steps of this document that this process still has, the oldest first. */
  readonly steps: readonly DocumentStep[];
}

/** `tick`, four a second. */
export interface Tick extends ServiceStatus {
  /** Steps of documents since the last tick that were not sent, because there were too many. */
  readonly skipped: number;
}

/** One call to the next hop that has ended. */
export interface SingleCall {
  /** Of its breaker. */
  readonly name: string;
  /** When it ended. */
  readonly at: number;
  readonly ms: number;
  readonly outcome: Outcome;
  /** The code of its error; `null` without one. */
  readonly error: string | null;
  /** It repeats an attempt of the same call that failed. */
  readonly retry?: true;
}

/** `calls`, four a second, for a listener that asked for single calls. */
export interface SingleCalls extends ServiceIdentity {
  /** Those since the last message, at most 1,000. */
  readonly calls: readonly SingleCall[];
  /** Calls that had no room. */
  readonly dropped: number;
}
