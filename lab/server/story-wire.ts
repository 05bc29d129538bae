/**
 * The types of `GET /api/orders/:id`: what the services and the lab know of one order, put together.
 *
 * No content of a document is in it.
 */
import type { CustomerAnswer, LabEntry, LabStep } from './wire.ts';

/** A document as its service keeps it, without its content; times as text. */
export interface KeptDocument {
  readonly id: string;
  readonly key?: string;
  readonly parent?: string;
  readonly status: string;
  readonly acceptedAt: string;
  readonly doneAt?: string;
  readonly repeats: number;
  readonly problem?: { readonly status: number; readonly detail: string };
  readonly attempts?: number;
  readonly failures?: number;
  readonly nextTryAt?: string | null;
  readonly heldBy?: string | null;
  readonly endedHolders?: number;
  readonly lastError?: string | null;
  readonly ledger?: readonly { readonly t: string; readonly amount: number; readonly at: string }[];
}

/** What is known of the part of an order that one service has. */
export interface StoryPart {
  readonly service: string;
  /** The id of its document; `null` while nobody can tell. */
  readonly id: string | null;
  /** `null` when it keeps none, or could not be asked. */
  readonly document: KeptDocument | null;
  /** The oldest first. */
  readonly steps: readonly LabStep[];
  /** Why something may be missing, in sentences. */
  readonly missing: readonly string[];
}

/** `GET /api/orders/:id`. */
export interface LabStory {
  readonly at: number;
  /** The id at the front door, also when that of a part was asked for. */
  readonly id: string;
  /** One for each service, from the front door to the end of the chain. */
  readonly parts: readonly StoryPart[];
  /** What happened in the chain meanwhile, and the last change of each breaker before; the oldest first. */
  readonly entries: readonly LabEntry[];
  /** What the lab's own customer was answered, when it is one of its newest. */
  readonly answer: CustomerAnswer | null;
}
