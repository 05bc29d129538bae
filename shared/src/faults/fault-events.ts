/**
/**
 * The kinds of a fault, its view, and the event when one begins, changes or ends.
 */
import type { EventBus } from '../resilience/event-bus.ts';

/** The kinds of a fault. */
export const faultTypes = ['error', 'latency', 'hang', 'reset', 'crash', 'unready'] as const;

/** The kind of a fault. */
export type FaultType = (typeof faultTypes)[number];

/** One fault, as `GET /faults` and the stream show it. */
export interface FaultView {
  readonly name: string;
  readonly type: FaultType;
  /** Before or after the document is saved. */
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
  /** Hits after which it ends; `null` is without limit. */
  readonly times: number | null;
  readonly seed: number | null;
  /** Matching requests so far, and those of them that it hit. */
  readonly seen: number;
  readonly hits: number;
  readonly since: number;
  /** When it expires; `null` for `INJECT_ERR`, which does not. */
  readonly expiresAt: number | null;
  readonly leftMs: number | null;
}

/** A fault began, was changed, or ended. */
export interface FaultChange {
  readonly at: number;
  readonly change: 'on' | 'changed' | 'off';
  /** Why it ended; `null` otherwise. */
  readonly reason: 'deleted' | 'expired' | 'used-up' | null;
  readonly fault: FaultView;
}

/** The bus of fault events. */
export type FaultEvents = EventBus<{ readonly fault: FaultChange }>;
