/**
 * What a service can say of itself only by asking its database: is it there, how fast, and how much is pending.
 *
 * Asked at most once a second and only while somebody looks, so that looking cannot load the database.
 */

import { monotonicClock, systemClock } from '../resilience/deadline.ts';
import type { MongoRecords } from '../store/mongo-records.ts';
import type { Health, Readiness } from './health.ts';

/** The last answers; `null` where there is none yet. */
export interface VitalsView {
  readonly readiness: Readiness | null;
  readonly databaseMs: number | null;
  readonly relay: { readonly pending: number; readonly oldestMs: number } | null;
}

/** Asks now and then. */
export interface Vitals {
  /** The last answers; asks again behind the caller's back when they are older than a second. */
  view(): VitalsView;
  /** Fresh answers, at most a second old. Never rejects: what cannot be known is `null`. */
  ask(): Promise<VitalsView>;
}

/** How long answers are good for, in milliseconds. */
const freshMs = 1000;

/** Creates vitals that know nothing yet. */
export function createVitals(parts: {
  readonly health: Pick<Health, 'readiness'>;
  readonly records: Pick<MongoRecords, 'backlog'>;
}): Vitals {
  const { health, records } = parts;
  const clock = monotonicClock;
  let last: VitalsView = { readiness: null, databaseMs: null, relay: null };
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<VitalsView> | undefined;

  return {
    view() {
      if (clock() - askedAt >= freshMs) void ask();
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
    return { readiness, databaseMs, relay };
  }
}
