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
import type { HandOn } from './hand-on.ts';
import { type HopRecord, type Lease, poisonClaims, type Records } from './record.ts';
import type { Clock } from './resilience/deadline.ts';
import type { ForwardRequest } from './resilience/forward.ts';

/** What the relay needs. */
export interface RelayParts {
  readonly records: Pick<Records, 'claim' | 'bury'>;
  readonly handOn: HandOn;
  /** Whether the breaker would let a call pass now. */
  readonly lets: () => boolean;
  readonly createLease: () => Lease;
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
/** Claims without a report after which a document is put aside. */
const deadClaims = 8;
/** Ages in milliseconds at which somebody should look, should be woken, and at which the document is put aside. */
const ages = { warn: 60_000, page: 600_000, dead: 72 * 3_600_000 } as const;

/** Starts a relay. */
export function startRelay(parts: RelayParts): Relay {
  const { records, clock, reach = () => undefined } = parts;
  const turns = new Set<Promise<void>>();
  let running = true;
  let hasAnswered = false;
  let bell = new AbortController();
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

  async function claim(): Promise<HopRecord | undefined> {
    try {
      return await records.claim(parts.createLease(), new Date(clock()));
    } catch (error) {
      parts.tell({ kind: 'store-away', reason: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  }

  /** Takes a turn beside the others. A document whose holders died again and again goes alone, lest it take others along. */
  async function begin(record: HopRecord): Promise<void> {
    reach('relay-claimed');
    const unreported = (record.out?.n ?? 0) - (record.out?.fails ?? 0) - 1;
    if (unreported >= poisonClaims) await Promise.all(turns);
    const turn = take(record, unreported)
      .catch((error: unknown) => {
        parts.tell({ kind: 'store-away', reason: error instanceof Error ? error.message : String(error) });
      })
      .finally(() => {
        turns.delete(turn);
        wake();
      });
    turns.add(turn);
    if (unreported >= poisonClaims) await turn;
  }

  async function take(record: HopRecord, unreported: number): Promise<void> {
    const id = record._id;
    const by = record.out?.by ?? '';
    const ageMs = clock() - record.at.getTime();
    // A replay by an operator begins this time anew; by its age alone the document would be put aside at once again.
    const owedMs = clock() - (record.out?.firstAt ?? record.at).getTime();
    const reason = record.out?.err ?? 'nobody lived to say';
    if (unreported >= deadClaims || owedMs >= ages.dead) {
      const why =
        unreported >= deadClaims
          ? `${unreported} attempts ended their process`
          : `not finished after 72 h: ${reason}`;
      await records.bury(id, by, why, new Date(clock()));
      return parts.tell({ kind: 'dead', id, reason: why });
    }
    const turn = await parts.handOn(record, by, parts.createTurn(record));
    hasAnswered ||= turn.kind === 'final' || turn.report.kind === 'waiting';
    if (turn.kind === 'final') return;
    if (ageMs < ages.warn) return;
    parts.tell({ kind: 'old', level: ageMs >= ages.page ? 'error' : 'warn', id, ageMs, reason: turn.reason });
  }
}
