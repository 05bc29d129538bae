/**
 * Carries on what is pending: the durable side of forwarding.
 *
 * It claims the document whose time came first, takes one turn with it, and so on, for as long as the service lives.
 * While the breaker is open it claims nothing; when the breaker wants a probe, pending work supplies it, so that
 * recovery needs no customer. It uses a part of the slots only, so that old work never starves new.
 *
 * It begins slowly: until the next hop has answered once, one document at a time and a pause after each. Otherwise a
 * service that starts before its neighbour would open its own breaker with old work.
 */
import { toLogged } from '../core/errors.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { Deliver } from './deliver.ts';
import type { ForwardRequest } from './forward.ts';
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
  /** What one turn may take, and under which headers it goes. */
  readonly createDeliveryOptions: (
    record: HopRecord,
  ) => Pick<ForwardRequest, 'deadline' | 'propagatedHeaders' | 'callerRetries'>;
  readonly clock: Clock;
  /** Resolves after `ms`, or at once when `signal` fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Turns at once; at most half of what the bulkhead takes. Minimum 1. */
  readonly maxActive: number;
  readonly emit: (event: RelayEvent) => void;
  readonly failpoint?: (point: string) => void;
}

/** What an operator should hear. */
export type RelayEvent =
  | {
      readonly kind: 'old';
      readonly level: 'warn' | 'error';
      readonly id: string;
      readonly ageMs: number;
      readonly reason: string;
    }
  | { readonly kind: 'misconfigured'; readonly id: string; readonly reason: string }
  | { readonly kind: 'dead'; readonly id: string; readonly reason: string }
  | { readonly kind: 'store-away'; readonly reason: string };

/** A relay that runs. */
export interface Relay {
  /** Looks for work now, since there may be some. */
  wake(): void;
  /** Claims nothing more and waits for the turns under way. */
  stop(): Promise<void>;
}

/** Milliseconds between two looks for work: doubling while there is none. */
const pollMs = { first: 50, cap: 250 } as const;
/** Milliseconds between two looks for what a wrong clock has put off. */
const sweepEveryMs = 30_000;
/**
 * Process starts that ended while they held a document, nobody having reported on it since: then it is suspected of
 * ending them and goes alone, and then it is put aside.
 */
const endedStarts = { alone: 5, dead: 8 } as const;
/** Ages in milliseconds at which somebody should look, and should be woken. Age alone puts nothing aside. */
const ages = { warn: 60_000, page: 600_000 } as const;

/** Starts a relay. */
export function startRelay(options: RelayOptions): Relay {
  const { records, clock, failpoint = () => undefined } = options;
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
      const room = hasAnswered ? options.maxActive : 1;
      const record = deliveries.size < room && options.isCallPermitted() ? await claim() : undefined;
      if (record !== undefined) {
        idleMs = pollMs.first;
        await begin(record);
        if (hasAnswered) continue;
        await Promise.all(deliveries);
        idleMs = pollMs.cap;
        wakeSignal = new AbortController(); // the turn's own end is no reason to hurry
      }
      await options.sleep(idleMs, wakeSignal.signal);
      if (wakeSignal.signal.aborted) wakeSignal = new AbortController();
      idleMs = Math.min(pollMs.cap, idleMs * 2);
    }
  }

  /**
   * A clock that jumps either way is a reason to look at once. A sweep that fails waits for the next half minute: over a
   * huge backlog it may fail again and again, and the work that is due must not wait for it.
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

  /** Takes a turn beside the others; a document that is suspected of ending processes has the relay to itself. */
  async function begin(record: HopRecord): Promise<void> {
    failpoint('relay-claimed');
    const isSuspect = (record.out?.ended ?? 0) >= endedStarts.alone;
    if (isSuspect) await Promise.all(deliveries);
    const turn = take(record)
      .catch(emitStoreAway)
      .finally(() => {
        deliveries.delete(turn);
        wake();
      });
    deliveries.add(turn);
    if (isSuspect) await turn;
  }

  async function take(record: HopRecord): Promise<void> {
    const id = record._id;
    const by = record.out?.by ?? '';
    const ended = record.out?.ended ?? 0;
    if (ended >= endedStarts.dead) {
      const why = `${ended} attempts ended their process`;
      await records.deadLetter(id, by, why, new Date(clock()));
      return options.emit({ kind: 'dead', id, reason: why });
    }
    const result = await options.deliver(record, by, options.createDeliveryOptions(record));
    hasAnswered ||= result.kind === 'final' || result.report.kind === 'waiting';
    if (result.kind === 'final') return;
    if (result.hopeless) return options.emit({ kind: 'dead', id, reason: result.reason });
    // A replay by an operator begins this time anew.
    const ageMs = clock() - (record.out?.firstAt ?? record.at).getTime();
    if (ageMs < ages.warn) return;
    options.emit({
      kind: 'old',
      level: ageMs >= ages.page ? 'error' : 'warn',
      id,
      ageMs,
      reason: result.reason,
    });
  }
}
