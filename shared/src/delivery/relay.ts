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
import type { ForwardRequest } from './forward.ts';
import type { HandOn } from './hand-on.ts';
import { longestWaitMs } from './outcome.ts';
import type { HopRecord, Lease, Records } from './record.ts';

/** What the relay needs. */
export interface RelayParts {
  readonly records: Pick<Records, 'claim' | 'bury' | 'sweep'>;
  readonly handOn: HandOn;
  /** Whether the breaker would let a call pass now. */
  readonly lets: () => boolean;
  /** Whether a call would be the probe of a breaker. */
  readonly isProbe: () => boolean;
  readonly createLease: () => Lease;
  /** How long a lease lasts, in milliseconds. */
  readonly leaseMs: number;
  /** What one turn may take, and under which headers it goes. */
  readonly createTurn: (record: HopRecord) => Pick<ForwardRequest, 'deadline' | 'passedOn' | 'callerRetries'>;
  readonly clock: Clock;
  /** Resolves after `ms`, or at once when `signal` fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Turns at once; at most half of what the bulkhead takes. Minimum 1. */
  readonly maxActive: number;
  readonly tell: (event: RelayEvent) => void;
  readonly reach?: (point: string) => void;
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
export function startRelay(parts: RelayParts): Relay {
  const { records, clock, reach = () => undefined } = parts;
  const turns = new Set<Promise<void>>();
  let running = true;
  let hasAnswered = false;
  let bell = new AbortController();
  let sweptAt = Number.NEGATIVE_INFINITY;
  const loop = run();

  return {
    wake,
    async stop() {
      running = false;
      wake();
      await loop;
      await Promise.all(turns);
    },
  };

  function wake(): void {
    bell.abort();
  }

  async function run(): Promise<void> {
    let idleMs: number = pollMs.first;
    while (running) {
      await sweep();
      const room = hasAnswered ? parts.maxActive : 1;
      const record = turns.size < room && parts.lets() ? await claim() : undefined;
      if (record !== undefined) {
        idleMs = pollMs.first;
        await begin(record);
        if (hasAnswered) continue;
        await Promise.all(turns);
        idleMs = pollMs.cap;
        bell = new AbortController(); // the turn's own end is no reason to hurry
      }
      await parts.sleep(idleMs, bell.signal);
      if (bell.signal.aborted) bell = new AbortController();
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
    await records.sweep(new Date(now), { leaseMs: parts.leaseMs, waitMs: longestWaitMs }).catch(tellAway);
  }

  async function claim(): Promise<HopRecord | undefined> {
    const choice = { leastFailed: parts.isProbe() };
    return records.claim(parts.createLease(), new Date(clock()), choice).catch(tellAway);
  }

  function tellAway(error: unknown): undefined {
    parts.tell({ kind: 'store-away', reason: toLogged(error) });
  }

  /** Takes a turn beside the others; a document that is suspected of ending processes has the relay to itself. */
  async function begin(record: HopRecord): Promise<void> {
    reach('relay-claimed');
    const isSuspect = (record.out?.ended ?? 0) >= endedStarts.alone;
    if (isSuspect) await Promise.all(turns);
    const turn = take(record)
      .catch(tellAway)
      .finally(() => {
        turns.delete(turn);
        wake();
      });
    turns.add(turn);
    if (isSuspect) await turn;
  }

  async function take(record: HopRecord): Promise<void> {
    const id = record._id;
    const by = record.out?.by ?? '';
    const ended = record.out?.ended ?? 0;
    if (ended >= endedStarts.dead) {
      const why = `${ended} attempts ended their process`;
      await records.bury(id, by, why, new Date(clock()));
      return parts.tell({ kind: 'dead', id, reason: why });
    }
    const turn = await parts.handOn(record, by, parts.createTurn(record));
    hasAnswered ||= turn.kind === 'final' || turn.report.kind === 'waiting';
    if (turn.kind === 'final') return;
    if (turn.hopeless) return parts.tell({ kind: 'dead', id, reason: turn.reason });
    // A replay by an operator begins this time anew.
    const ageMs = clock() - (record.out?.firstAt ?? record.at).getTime();
    if (ageMs < ages.warn) return;
    parts.tell({ kind: 'old', level: ageMs >= ages.page ? 'error' : 'warn', id, ageMs, reason: turn.reason });
  }
}
