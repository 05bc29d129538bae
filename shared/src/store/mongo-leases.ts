/**
 * The probe leases in MongoDB: one small document for each breaker, taken by one atomic write.
 *
 * They need not be durable, so writes do not wait for other members of the replica set. Instances get new names when
 * they restart, so the database removes a lease a day after its end.
 */

import type { Clock } from '../resilience/deadline.ts';
import type { ProbeLeases } from '../resilience/probe-leases.ts';
import type { Database } from './database.ts';
import { isDuplicateKey } from './mongo-fault.ts';

interface LeaseDocument {
  readonly _id: string;
  readonly until: Date;
  /** Its own length in milliseconds. */
  readonly forMs?: number;
  readonly by: string;
  /** A probe has succeeded since it was taken. */
  readonly well: boolean;
}

const ttlSeconds = 86_400;

/** Opens the leases in the collection `probes`; `holder` takes them. */
export function createMongoLeases(
  { connection, timeLimits, bounded }: Database,
  { holder, clock }: { holder: string; clock: Clock },
): ProbeLeases {
  const limits = { maxTimeMS: timeLimits.serverMs } as const;
  const leases = () => connection.collection<LeaseDocument>('probes');
  let hasIndex = false;

  /** Not awaited: the leases work without the index. */
  function ensureIndex(): void {
    if (hasIndex) return;
    hasIndex = true;
    const index = leases().createIndex({ until: 1 }, { expireAfterSeconds: ttlSeconds });
    index.catch(() => {
      hasIndex = false;
    });
  }

  return {
    ask: (breaker, forMs) =>
      bounded(false, async () => {
        ensureIndex();
        const now = clock();
        const lease = { by: holder, until: new Date(now + forMs), forMs, well: false };
        const before = await leases().findOne({ _id: breaker }, limits);
        if (before?.well) return 0;
        // A lease with more time left than its own length was taken by a clock that is ahead, and is ignored.
        const isAhead = before?.forMs !== undefined && before.until.getTime() - now > before.forMs;
        const isFree = { until: isAhead ? before.until : { $lte: new Date(now) } };
        try {
          await leases().updateOne({ _id: breaker, ...isFree }, { $set: lease }, { ...limits, upsert: true });
          return 0;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
          // Another replica holds it: no lease that has ended matched, and the upsert found the id taken.
          const held = await leases().findOne({ _id: breaker }, limits);
          return held === null ? 1 : Math.max(1, held.until.getTime() - clock());
        }
      }),
    publish: (breaker, found) =>
      bounded(false, async () => {
        ensureIndex();
        const lease = { by: holder, until: new Date(clock()), well: found === 'well' };
        // Only the first report of a sick neighbour changes the lease: a running lease must not be shortened.
        const isKnown = found === 'sick' ? { well: true } : {};
        const options = { ...limits, upsert: found === 'well' };
        await leases().updateOne({ _id: breaker, ...isKnown }, { $set: lease }, options);
      }),
  };
}
