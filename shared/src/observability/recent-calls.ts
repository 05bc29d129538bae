/**
 * The calls of the last second by breaker, for live charts: the breaker's window of ten seconds is too coarse for them.
 */
import { isCounted } from '../resilience/breaker-call.ts';
import { type Outcome, zeroCounts } from '../resilience/breaker-state.ts';
import type { Clock } from '../resilience/deadline.ts';
import type { Events } from './events.ts';
import type { RecentCalls } from './wire.ts';

/** Keeps the calls of the last second. */
export interface RecentCallsMemory {
  /** Reads them; changes nothing. */
  view(): Readonly<Record<string, RecentCalls>>;
}

interface Slot {
  slot: number;
  readonly counts: Record<Outcome, number>;
  relay: number;
  readonly durations: number[];
}

interface Ring {
  readonly slots: Slot[];
  relayTotal: number;
}

const slots = 4;
const slotMs = 250;
/** Durations kept per slot; those of further calls are dropped. */
const samplesPerSlot = 128;

/** What the memory needs. */
export interface RecentCallsOptions {
  readonly events: Events;
  readonly clock: Clock;
  /** The present breakers; calls of a removed one are not kept. */
  readonly breakers: () => readonly { readonly name: string }[];
}

/** Creates the memory and subscribes it to the bus. */
export function createRecentCalls({ events, clock, breakers }: RecentCallsOptions): RecentCallsMemory {
  const rings = new Map<string, Ring>();

  events.on('gone', ({ name }) => void rings.delete(name));
  events.on('call', ({ name, outcome, durationMs, background }) => {
    const ring = rings.get(name) ?? begin(name);
    if (ring === undefined) return;
    const now = Math.floor(clock() / slotMs);
    const index = now % slots;
    let at = ring.slots[index];
    if (at === undefined || at.slot !== now) {
      at = createSlot(now);
      ring.slots[index] = at;
    }
    at.counts[outcome] += 1;
    if (background && isCounted(outcome)) {
      at.relay += 1;
      ring.relayTotal += 1;
    }
    const isSent = outcome !== 'rejected' && outcome !== 'saturated';
    if (isSent && at.durations.length < samplesPerSlot) at.durations.push(durationMs);
  });

  return {
    view() {
      const oldest = Math.floor(clock() / slotMs) - slots;
      return Object.fromEntries(
        [...rings].map(([name, ring]) => [
          name,
          toRecentCalls(
            ring.slots.filter(({ slot }) => slot > oldest),
            ring.relayTotal,
          ),
        ]),
      );
    },
  };

  function begin(name: string): Ring | undefined {
    if (!breakers().some((breaker) => breaker.name === name)) return undefined;
    const ring = createRing();
    rings.set(name, ring);
    return ring;
  }
}

function toRecentCalls(ring: readonly Slot[], relayTotal: number): RecentCalls {
  const counts = zeroCounts();
  for (const slot of ring) {
    for (const [outcome, count] of Object.entries(slot.counts)) counts[outcome as Outcome] += count;
  }
  const durations = ring.flatMap((slot) => slot.durations).sort((a, b) => a - b);
  const relay = ring.reduce((sum, slot) => sum + slot.relay, 0);
  return { counts, relay, relayTotal, p50Ms: percentile(durations, 0.5), p99Ms: percentile(durations, 0.99) };
}

/** The nearest rank; `null` without values. */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

function createRing(): Ring {
  return { slots: Array.from({ length: slots }, () => createSlot(-1)), relayTotal: 0 };
}

function createSlot(slot: number): Slot {
  return { slot, counts: zeroCounts(), relay: 0, durations: [] };
}
