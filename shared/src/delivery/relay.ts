/**
 * Delivers pending documents in the background, for as long as the service runs.
 *
 * It claims the document that is due for longest, delivers it, and so on. While the breaker is open it claims nothing;
 * a half-open breaker gets a pending document as its probe, so that recovery needs no request. It uses only a part of
 * the slots, so that pending documents do not delay new ones.
 *
 * Deliveries in vain, those that fail or are answered "pending", take from a budget that the calls of customers fill:
 * however much is pending, a neighbour that cannot finish is not asked more often than that. What succeeds costs
 * nothing, and a probe needs no budget.
 *
 * Until the next hop has answered once, it delivers one document at a time with a pause after each. Otherwise a service
 * that starts before its neighbour would open its own breaker with pending documents.
 */
import { toLogged } from '../core/errors.ts';
import type { RetryBudget } from '../resilience/budget.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { CallContext } from '../resilience/pipeline.ts';
import type { Deliver } from './deliver.ts';
import type { HopRecord, Lease, Records } from './record.ts';
import { longestWaitMs } from './retry-plan.ts';

/** What the relay needs. */
export interface RelayOptions {
  readonly records: Pick<Records, 'claim' | 'deadLetter' | 'sweep'>;
  readonly deliver: Deliver;
  /** Whether the breaker would let a call pass now. */
  readonly isCallPermitted: () => boolean;
  /** Whether a call would be the probe of a breaker. */
  readonly isProbe: () => boolean;
  readonly createLease: () => Lease;
  /** How long a lease lasts, in milliseconds. */
  readonly leaseMs: number;
  /** The deadline and headers of one delivery. */
  readonly createDeliveryOptions: (record: HopRecord) => CallContext;
  readonly clock: Clock;
  /** Resolves after `ms`, or at once when `signal` fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** What deliveries in vain are taken from. */
  readonly budget: Pick<RetryBudget, 'left' | 'spend' | 'refund'>;
  /** Deliveries at once; at most half of the bulkhead's slots. Minimum 1. */
  readonly maxActive: number;
  readonly emit: (event: RelayEvent) => void;
  readonly failpoint?: (point: string) => void;
}

/** What an operator needs to know. */
export type RelayEvent =
  | {
      readonly kind: 'old';
      readonly level: 'warn' | 'error';
      readonly id: string;
      readonly ageMs: number;
      readonly reason: string;
    }
  | { readonly kind: 'misconfigured'; readonly id: string; readonly reason: string }
  | { readonly kind: 'contradiction'; readonly id: string; readonly reason: string }
  | { readonly kind: 'dead'; readonly id: string; readonly reason: string }
  | { readonly kind: 'store-away'; readonly reason: string };

/** A running relay. */
export interface Relay {
  /** Looks for due documents now. */
  wake(): void;
  /** Claims nothing more and waits for the deliveries in progress. */
  stop(): Promise<void>;
}

/** Milliseconds between two polls: doubles while nothing is due. */
const pollMs = { first: 50, cap: 250 } as const;
/** Milliseconds between two sweeps for times that a wrong clock has written. */
const sweepEveryMs = 30_000;
/**
 * How many processes in a row have ended while they held a document. The document may be the cause: from `alone` on it is
 * delivered alone, from `dead` on it is dead-lettered. Any report of a delivery sets the count back.
 */
const endedProcesses = { alone: 5, dead: 8 } as const;
/** Ages in milliseconds for a warning and for an error. Age alone dead-letters nothing. */
const alertAgesMs = { warn: 60_000, page: 600_000 } as const;

/**
 * What a delivery puts back into the budget. One that succeeds puts back more than it took, so that a neighbour that works
 * again is asked as fast as it finishes.
 */
const refunds = { final: 2, 'not-sent': 1, 'in-vain': 0 } as const;

/** Deliveries for customers fill the relay's budget; those that the relay of an earlier hop asks for do not. */
export function earning(deliver: Deliver, budget: Pick<RetryBudget, 'earn'>): Deliver {
  return (record, by, how) => {
    if (!how.background) budget.earn();
    return deliver(record, by, how);
  };
}

/** Starts a relay. */
export function startRelay(options: RelayOptions): Relay {
  const { records, clock, budget, failpoint = () => undefined } = options;
  const deliveries = new Set<Promise<void>>();
  let running = true;
  let hasAnswered = false;
  let wakeSignal = new AbortController();
  let sweptAt = Number.NEGATIVE_INFINITY;
  const loop = run();

  return {
    wake,
    async stop() {
      running = false;
      wake();
      await loop;
      await Promise.all(deliveries);
    },
  };

  function wake(): void {
    wakeSignal.abort();
  }

  async function run(): Promise<void> {
    let idleMs: number = pollMs.first;
    while (running) {
      await sweep();
      const record = mayDeliver() ? await claim() : undefined;
      if (record !== undefined) {
        idleMs = pollMs.first;
        await startDelivery(record);
        if (hasAnswered) continue;
        await Promise.all(deliveries);
        idleMs = pollMs.cap;
        wakeSignal = new AbortController(); // the end of this delivery has fired the last one
      }
      await options.sleep(idleMs, wakeSignal.signal);
      if (wakeSignal.signal.aborted) wakeSignal = new AbortController();
      idleMs = Math.min(pollMs.cap, idleMs * 2);
    }
  }

  function mayDeliver(): boolean {
    const room = hasAnswered ? options.maxActive : 1;
    return deliveries.size < room && options.isCallPermitted() && (budget.left() > 0 || options.isProbe());
  }

  /**
   * Runs at once when the clock has jumped either way. A failed sweep is repeated after half a minute: with a huge
   * backlog it may fail every time, and due documents must not wait for it.
   */
  async function sweep(): Promise<void> {
    const now = clock();
    if (Math.abs(now - sweptAt) < sweepEveryMs) return;
    sweptAt = now;
    await records
      .sweep(new Date(now), { leaseMs: options.leaseMs, waitMs: longestWaitMs })
      .catch(emitStoreAway);
  }

  async function claim(): Promise<HopRecord | undefined> {
    const choice = { leastFailed: options.isProbe() };
    return records.claim(options.createLease(), new Date(clock()), choice).catch(emitStoreAway);
  }

  function emitStoreAway(error: unknown): undefined {
    options.emit({ kind: 'store-away', reason: toLogged(error) });
  }

  /** Delivers in parallel; a document that may have ended processes is delivered alone. */
  async function startDelivery(record: HopRecord): Promise<void> {
    failpoint('relay-claimed');
    const isSuspect = (record.out?.ended ?? 0) >= endedProcesses.alone;
    if (isSuspect) await Promise.all(deliveries);
    const isPaid = budget.spend();
    const delivery = deliverClaimed(record)
      .then((outcome) => {
        if (isPaid) budget.refund(refunds[outcome]);
      })
      .catch(emitStoreAway)
      .finally(() => {
        deliveries.delete(delivery);
        wake();
      });
    deliveries.add(delivery);
    if (isSuspect) await delivery;
  }

  async function deliverClaimed(record: HopRecord): Promise<keyof typeof refunds> {
    const id = record._id;
    const by = record.out?.by ?? '';
    const ended = record.out?.ended ?? 0;
    if (ended >= endedProcesses.dead) {
      const reason = `${ended} attempts ended their process`;
      await records.deadLetter(id, by, reason, new Date(clock()));
      options.emit({ kind: 'dead', id, reason });
      return 'not-sent';
    }
    const result = await options.deliver(record, by, options.createDeliveryOptions(record));
    hasAnswered ||= result.kind === 'final' || result.report.kind === 'waiting';
    if (result.kind === 'final') return 'final';
    if (result.isDeadLetter) options.emit({ kind: 'dead', id, reason: result.reason });
    else warnOfAge(record, result.reason);
    return result.report.kind === 'not-sent' ? 'not-sent' : 'in-vain';
  }

  function warnOfAge({ _id: id, at, out }: HopRecord, reason: string): void {
    // A replay by an operator restarts this time.
    const ageMs = clock() - (out?.firstAt ?? at).getTime();
    if (ageMs < alertAgesMs.warn) return;
    options.emit({
      kind: 'old',
      level: ageMs >= alertAgesMs.page ? 'error' : 'warn',
      id,
      ageMs,
      reason,
    });
  }
}
