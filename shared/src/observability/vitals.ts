/**
 * What a service reports by asking its database: whether it is there, how fast it is, and how much is pending.
 *
 * It asks at most once a second, and only when a report is read, so that reading cannot load the database.
 */

import { type Clock, monotonicClock, systemClock } from '../resilience/deadline.ts';
import type { MongoRecords } from '../store/mongo-records.ts';
import type { StateCounts } from '../store/state-counts.ts';
import type { DocumentCounts } from './document-counts.ts';
import type { Health, Readiness } from './health.ts';
import type { DocumentLedger } from './wire.ts';

/** The last answers; `null` where there is none yet. */
export interface VitalsView {
  readonly readiness: Readiness | null;
  readonly databaseMs: number | null;
  readonly relay: { readonly pending: number; readonly oldestMs: number } | null;
  readonly ledger: DocumentLedger | null;
}

/** Asks the database and keeps the answers for a second. */
export interface Vitals {
  /**
   * The last answers; asks again in the background when they are older than a second. Nothing is known when nobody has
   * asked for five seconds: what was true then, as while the service started, need not be true now.
   */
  view(): VitalsView;
  /** Answers that are at most a second old. Never rejects: what is unknown is `null`. */
  ask(): Promise<VitalsView>;
}

/** How long answers are kept, in milliseconds. */
const freshMs = 1000;
/** Age up to which answers are shown while no newer ones are on their way. */
const shownMs = 5000;

const unknown: VitalsView = { readiness: null, databaseMs: null, relay: null, ledger: null };

/** Creates vitals without answers. */
export function createVitals(parts: {
  readonly health: Pick<Health, 'readiness'>;
  readonly records: Pick<MongoRecords, 'backlog'>;
  readonly counts: Pick<DocumentCounts, 'ask'>;
  readonly clock?: Clock;
}): Vitals {
  const { health, records, counts, clock = monotonicClock } = parts;
  let last = unknown;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<VitalsView> | undefined;

  return {
    view() {
      const ageMs = clock() - askedAt;
      if (ageMs >= shownMs && asking === undefined) last = unknown;
      if (ageMs >= freshMs) void ask();
      return last;
    },
    ask: () => (clock() - askedAt < freshMs ? (asking ?? Promise.resolve(last)) : ask()),
  };

  function ask(): Promise<VitalsView> {
    if (asking !== undefined) return asking;
    askedAt = clock();
    asking = look().then((found) => {
      last = found;
      asking = undefined;
      return found;
    });
    return asking;
  }

  async function look(): Promise<VitalsView> {
    const startedAt = clock();
    const readiness = await health.readiness();
    const isThere = readiness.database === 'ok';
    const databaseMs = isThere ? Math.round(clock() - startedAt) : null;
    const relay = isThere ? await records.backlog(new Date(systemClock())).catch(() => null) : null;
    const ledger = isThere ? toLedger(await counts.ask()) : null;
    return { readiness, databaseMs, relay, ledger };
  }
}

function toLedger(counts: StateCounts | null): DocumentLedger | null {
  if (counts === null) return null;
  const { accepted: pending, ...others } = counts;
  return { ...others, pending };
}
