/**
 * The probe leases in MongoDB: one small document for each breaker, taken by one atomic write.
 *
 * Nothing durable hangs on them, so they are written without waiting for other members of the database. Instances come
 * and go under new names: a lease that nobody has asked for in a day is removed by the database.
 */

import type { Clock } from '../resilience/deadline.ts';
import type { ProbeLeases } from '../resilience/probe-leases.ts';
import type { Database } from './database.ts';

interface LeaseDocument {
  readonly _id: string;
  readonly until: Date;
  /** Its own length in milliseconds. */
  readonly forMs?: number;
  readonly by: string;
  /** A probe went well since it was taken. */
  readonly well: boolean;
}

const duplicateKey = 11_000;
const forgetAfterSeconds = 86_400;

/** Opens the leases in the collection `probes`, in the name of `holder`. */
export function createMongoLeases(
  { connection, patience, bounded }: Database,
  { holder, clock }: { holder: string; clock: Clock },
): ProbeLeases {
  const brief = { maxTimeMS: patience.serverMs } as const;
  const leases = () => connection.collection<LeaseDocument>('probes');
  let expires = false;

  /** Without the index the leases still work, so that nobody waits for it. */
  function expire(): void {
    if (expires) return;
    expires = true;
    const index = leases().createIndex({ until: 1 }, { expireAfterSeconds: forgetAfterSeconds });
    index.catch(() => {
      expires = false;
    });
  }

  return {
    ask: (breaker, forMs) =>
      bounded(false, async () => {
        expire();
        const now = clock();
        const lease = { by: holder, until: new Date(now + forMs), forMs, well: false };
        const before = await leases().findOne({ _id: breaker }, brief);
        if (before?.well) return 0;
        // One that has more time left than its own length was taken by a clock that is ahead: it binds nobody.
        const isAhead = before?.forMs !== undefined && before.until.getTime() - now > before.forMs;
        const isFree = { until: isAhead ? before.until : { $lte: new Date(now) } };
        try {
          await leases().updateOne({ _id: breaker, ...isFree }, { $set: lease }, { ...brief, upsert: true });
          return 0;
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === duplicateKey)) throw error;
          // Somebody else holds it: the write found no lease that is over and could not add a second one.
          const held = await leases().findOne({ _id: breaker }, brief);
          return held === null ? 1 : Math.max(1, held.until.getTime() - clock());
        }
      }),
    emit: (breaker, found) =>
      bounded(false, async () => {
        expire();
        const lease = { by: holder, until: new Date(clock()), well: found === 'well' };
        // Only the first who meets a sick neighbour changes anything: a lease that runs must not be cut short.
        const isKnown = found === 'sick' ? { well: true } : {};
        const options = { ...brief, upsert: found === 'well' };
        await leases().updateOne({ _id: breaker, ...isKnown }, { $set: lease }, options);
      }),
  };
}
