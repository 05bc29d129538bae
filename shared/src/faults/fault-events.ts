/**
 * What a fault is to those who look at it, and what is told when one begins, changes or is over. Types only.
 */
import type { EventBus } from '../resilience/event-bus.ts';

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

/** Where faults are told. */
export type FaultEvents = EventBus<{ readonly fault: FaultChange }>;
