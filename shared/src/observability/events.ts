/**
 * What happens in a service, as typed events on one bus: logs, metrics, streams and traces read only this.
 *
 * Events carry numbers and codes, times in milliseconds since 1970; breaker-words.ts makes sentences of them.
 * A listener that throws never disturbs the call that caused the event: it becomes a process warning.
 */
import type { BreakerSettings, SettingChange } from '../resilience/breaker-settings.ts';
import type {
  BreakerState,
  LastError,
  OpenedBecause,
  Outcome,
  TransitionReason,
} from '../resilience/breaker-state.ts';

/** The rules in force when something happened; `attemptTimeoutMs` is enforced by the caller and only told here. */
export interface BreakerConfig extends BreakerSettings {
  readonly attemptTimeoutMs: number | null;
}

/** A breaker went from one state to another. */
export interface BreakerTransition {
  readonly name: string;
  readonly at: number;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: TransitionReason;
  /** The numbers that opened it; kept until it closes; `null` when no outage is behind it. */
  readonly because: OpenedBecause | null;
  /** Calls and failures in the window that ended with this transition; `ratio` is 0 to 1. */
  readonly window: { readonly calls: number; readonly failures: number; readonly ratio: number };
  /** When the next probe is due; only when it opened. */
  readonly probeAt: number | null;
  /** When a forced state ends by itself; only when it was forced. */
  readonly until: number | null;
  readonly lastError: LastError | null;
  /** Calls rejected in the state that was left. */
  readonly rejected: number;
  /** How long it was in the state that was left. */
  readonly lastedMs: number;
  /** Since it left `closed`, when it is back there after an outage; else `null`. */
  readonly downMs: number | null;
  /** Duration of the probe that decided; else `null`. */
  readonly probeMs: number | null;
  readonly failedProbes: number;
  readonly generation: number;
  readonly config: BreakerConfig;
}

/** One call ended; every call has exactly one such event. */
export interface BreakerCall {
  readonly name: string;
  readonly at: number;
  readonly outcome: Outcome;
  /** 0 for `rejected` and `saturated`, which were never sent. */
  readonly durationMs: number;
  /** It began in an older generation: counted, but it decided nothing. */
  readonly late: boolean;
  /** It was the probe of a half-open breaker. */
  readonly probe: boolean;
  /** The state in which it began. */
  readonly state: BreakerState;
  readonly generation: number;
  readonly error: LastError | null;
}

/** Calls that were rejected in the last second; at most one such event a second, none without rejections. */
export interface BreakerRejections {
  readonly name: string;
  readonly at: number;
  readonly state: BreakerState;
  readonly count: number;
  readonly perMs: number;
  /** All of the present state so far. */
  readonly total: number;
  readonly probeAt: number | null;
  readonly until: number | null;
}

/** Settings were changed while running; the window is always cleared by it. */
export interface BreakerConfigured {
  readonly name: string;
  readonly at: number;
  readonly state: BreakerState;
  readonly changed: readonly SettingChange[];
  readonly windowCleared: true;
  readonly config: BreakerConfig;
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

/** A call was answered with its fallback instead of what the next hop would have said. */
export interface Fallback {
  readonly at: number;
  /** What the next hop is called. */
  readonly next: string;
  /** Why there was no answer: the error's code, or `internal`. */
  readonly code: string;
}

/** A breaker is there no more, with the instance that it guarded; only calls that were on their way still end. */
export interface BreakerGone {
  readonly name: string;
  readonly at: number;
}

/** Every kind of event with its content. */
export interface EventMap {
  readonly transition: BreakerTransition;
  readonly call: BreakerCall;
  readonly rejections: BreakerRejections;
  readonly configured: BreakerConfigured;
  readonly gone: BreakerGone;
  readonly fault: FaultChange;
  readonly document: DocumentStep;
  readonly fallback: Fallback;
}

/** The bus. */
export interface Events {
  /** Calls `listener` for each event of this kind, in the sequence of subscription; answers the way to end it. */
  on<Kind extends keyof EventMap>(kind: Kind, listener: (event: EventMap[Kind]) => void): () => void;
  emit<Kind extends keyof EventMap>(kind: Kind, event: EventMap[Kind]): void;
}

/** Creates a bus without listeners. */
export function createEvents(): Events {
  const listeners: { [Kind in keyof EventMap]: Set<(event: EventMap[Kind]) => void> } = {
    transition: new Set(),
    call: new Set(),
    rejections: new Set(),
    configured: new Set(),
    gone: new Set(),
    fault: new Set(),
    document: new Set(),
    fallback: new Set(),
  };

  return {
    on(kind, listener) {
      // Its own function per subscription: the same listener given twice is two subscriptions.
      const subscription: typeof listener = (event) => listener(event);
      listeners[kind].add(subscription);
      return () => void listeners[kind].delete(subscription);
    },
    emit(kind, event) {
      for (const listener of listeners[kind]) {
        try {
          listener(event);
        } catch (error) {
          process.emitWarning(error instanceof Error ? error : String(error), { type: 'ListenerWarning' });
        }
      }
    },
  };
}
